/** How a webhook is sent, and what each answer or failure means. */
import { once } from 'node:events'
import { createServer as createTlsServer } from 'node:https'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { Webhook } from 'standardwebhooks'
import t from 'tap'
import type { Test } from 'tap'
import { parseNetworks } from '../../src/model/formats/networks.ts'
import { createWebhookSender } from '../../src/webhooks/webhook-sender.ts'
import type { WebhookSenderOptions } from '../../src/webhooks/webhook-sender.ts'
import { parseSecrets, createSignatureHeaders } from '../../src/webhooks/signature.ts'
import { respondWith, startReceiver } from './receiver.ts'

const loopback = parseNetworks('127.0.0.0/8')
const createSender = (t: Test, options: Partial<WebhookSenderOptions> = {}) => {
  const sender = createWebhookSender({ allowedNetworks: loopback, ...options })
  t.teardown(() => sender.close())
  return sender
}
const body = '{"type":"transfer.initiated","data":{"note":"Grüße"}}'

t.test('given a receiver that answers 200, then it gets the signed body unchanged and the webhook is delivered', async (t) => {
  const crm = await startReceiver(t, respondWith('200 OK'))
  const key = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const headers = createSignatureHeaders('msg_1', Math.floor(Date.now() / 1000), body, parseSecrets(key))
  const attempt = await createSender(t).send(crm.url, headers, body)
  t.same({ ...attempt, durationMs: 0 }, { outcome: 'delivered', status: 200, durationMs: 0 })
  t.ok(Number.isInteger(attempt.durationMs) && attempt.durationMs >= 0)
  const [request = ''] = crm.requests
  const [head = '', sent = ''] = request.split('\r\n\r\n')
  t.match(head, /^POST \/hook HTTP\/1\.1\r\n/)
  t.match(head.toLowerCase(), 'content-type: application/json')
  const received = Object.fromEntries(
    head
      .split('\r\n')
      .slice(1)
      .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  t.doesNotThrow(() => new Webhook(key).verify(sent, received))
})

const answers: Array<[status: string, headers: string, expected: object]> = [
  ['201 Created', '', { outcome: 'delivered', status: 201 }],
  ['204 No Content', '', { outcome: 'delivered', status: 204 }],
  ['299 Odd', '', { outcome: 'delivered', status: 299 }],
  [
    '301 Moved',
    'location: http://127.0.0.1:1/\r\n',
    { outcome: 'retry', status: 301, error: 'the receiver answered 301: redirects are not followed' },
  ],
  ['304 Not Modified', '', { outcome: 'retry', status: 304 }],
  ['400 Bad Request', '', { outcome: 'retry', status: 400, error: 'the receiver answered 400' }],
  ['404 Not Found', '', { outcome: 'retry', status: 404 }],
  ['410 Gone', '', { outcome: 'gone', status: 410 }],
  ['429 Slow Down', 'retry-after: 7\r\n', { outcome: 'retry', status: 429, retryAfterMs: 7000 }],
  ['503 Away', 'Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n', { outcome: 'retry', status: 503, retryAfterMs: 37_000 }],
  ['503 Away', 'retry-after: soon\r\n', { outcome: 'retry', status: 503, retryAfterMs: undefined }],
  ['500 Broken', '', { outcome: 'retry', status: 500 }],
]
for (const [status, headers, expected] of answers) {
  t.test(
    `given a receiver that answers ${[status, headers.trim()].filter(Boolean).join(' with ')}, then the outcome is ${(expected as { outcome: string }).outcome}`,
    async (t) => {
      const crm = await startReceiver(t, respondWith(status, headers))
      t.match(await createSender(t, { wallClock: () => Date.UTC(1994, 10, 6, 8, 49, 0) }).send(crm.url, {}, body), expected)
      t.equal(crm.requests.length, 1)
    },
  )
}

t.test('given a redirect, then it is not followed', async (t) => {
  const target = await startReceiver(t, respondWith('200 OK'))
  for (const status of [301, 302, 303, 307, 308]) {
    const crm = await startReceiver(t, respondWith(`${status} Go`, `location: ${target.url}\r\n`))
    t.match(await createSender(t).send(crm.url, {}, body), { outcome: 'retry', status })
  }
  t.equal(target.connections, 0)
})

const silentReceivers: Array<[given: string, answer: (socket: Socket) => void]> = [
  ['never answers', () => undefined],
  [
    'stops in the middle of its headers',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-le')
    },
  ],
  [
    'sends one header line after another forever',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      const timer = setInterval(() => socket.write('x: y\r\n'), 20)
      socket.on('close', () => clearInterval(timer))
    },
  ],
]
for (const [given, answer] of silentReceivers) {
  t.test(`given a receiver that ${given}, then the attempt ends at the timeout and the outcome is retry`, async (t) => {
    const crm = await startReceiver(t, answer)
    t.match(await createSender(t, { timeoutMs: 150 }).send(crm.url, {}, body), {
      outcome: 'retry',
      status: undefined,
      error: 'no answer within 150 ms',
    })
  })
}

t.test('given a host name whose resolution never ends, then the attempt ends at the timeout and the outcome is retry', async (t) => {
  t.match(await createSender(t, { timeoutMs: 150, lookup: () => undefined }).send('http://crm.test/hook', {}, body), {
    outcome: 'retry',
    error: 'no answer within 150 ms',
  })
})

t.test('given a host name that is resolved only after the attempt was given up, then its request is never sent', async (t) => {
  const crm = await startReceiver(t, respondWith('200 OK'))
  const pendingAnswers: Array<() => void> = []
  const lookup: WebhookSenderOptions['lookup'] = (_name, _options, callback) => {
    const answer = () => callback(null, [{ address: '127.0.0.1', family: 4 }])
    if (pendingAnswers.push(answer) > 1) answer()
  }
  const sender = createSender(t, { timeoutMs: 4000, lookup })
  t.match(await sender.send(`http://late.test:${crm.port}/`, {}, 'given up'), { outcome: 'retry' })
  pendingAnswers[0]?.()
  t.match(await sender.send(`http://late.test:${crm.port}/`, {}, 'the next one'), { outcome: 'delivered' })
  t.same(
    crm.requests.map((request) => request.split('\r\n\r\n')[1]),
    ['the next one'],
  )
})

const incompleteBodies: Array<[given: string, answer: (socket: Socket) => void]> = [
  [
    'stalls',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')
    },
  ],
  [
    'breaks off',
    (socket) => {
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')
    },
  ],
  [
    'is reset',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf', () => socket.resetAndDestroy())
    },
  ],
]
for (const [given, answer] of incompleteBodies) {
  t.test(`given a 200 whose body ${given}, then the status counts and the webhook is delivered`, async (t) => {
    const crm = await startReceiver(t, answer)
    t.match(await createSender(t, { timeoutMs: 4000 }).send(crm.url, {}, body), { outcome: 'delivered', status: 200 })
  })
}

t.test('given an endless body, with or without a declared length, then the connection is dropped before 16 MiB are written', async (t) => {
  for (const framing of ['content-length: 9999999999', 'transfer-encoding: chunked', 'connection: close']) {
    let closed: Promise<unknown> = Promise.resolve()
    let written = 0
    const crm = await startReceiver(t, (socket) => {
      closed = new Promise((resolve) => socket.on('close', resolve))
      const chunk = framing.startsWith('transfer') ? `4000\r\n${'x'.repeat(0x4000)}\r\n` : 'x'.repeat(0x4000)
      socket.write(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n`)
      const writeUntilFull = (): void => {
        while (!socket.destroyed && socket.write(chunk)) written += chunk.length
      }
      socket.on('drain', () => {
        written += chunk.length
        writeUntilFull()
      })
      writeUntilFull()
    })
    t.match(await createSender(t, { timeoutMs: 5000 }).send(crm.url, {}, body), { outcome: 'delivered', status: 200 }, framing)
    await closed
    t.ok(written < 16 * 1024 * 1024, `${framing}: ${written} bytes, including what the system buffers`)
  }
})

t.test('given a receiver that breaks the connection, then the outcome is retry', async (t) => {
  for (const answer of [
    (socket: Socket) => {
      socket.resetAndDestroy()
    },
    (socket: Socket) => {
      socket.end()
    },
  ]) {
    const crm = await startReceiver(t, answer)
    t.match(await createSender(t).send(crm.url, {}, body), { outcome: 'retry', status: undefined, error: 'the connection broke' })
    t.equal(crm.requests.length, 1, 'it was sent once')
  }
})

t.test('given a receiver that does not speak HTTP, then the outcome is retry', async (t) => {
  for (const garbage of [
    'SSH-2.0-OpenSSH_9.2\r\n',
    '\u0000\u0001\u0002\u0003',
    'HTTP/1.1 two hundred\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: minus one\r\n\r\n',
  ]) {
    const crm = await startReceiver(t, (socket) => {
      socket.end(garbage)
    })
    t.match(
      await createSender(t).send(crm.url, {}, body),
      { outcome: 'retry', status: undefined, error: 'the answer is not HTTP' },
      JSON.stringify(garbage),
    )
  }
  const crm = await startReceiver(t, (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`)
  })
  t.match(await createSender(t).send(crm.url, {}, body), { outcome: 'retry', error: 'the answer has too many headers' })
})

t.test('given a port on which no process listens, then the outcome is retry', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  t.match(await createSender(t).send(`http://127.0.0.1:${port}/?token=secret`, {}, body), {
    outcome: 'retry',
    error: 'the connection was refused',
  })
})

t.test('given a host name that does not exist, then the outcome is retry', async (t) => {
  const lookup: WebhookSenderOptions['lookup'] = (_name, _options, callback) => {
    callback(Object.assign(new Error('getaddrinfo ENOTFOUND crm.test'), { code: 'ENOTFOUND' }), [])
  }
  t.match(await createSender(t, { lookup }).send('https://crm.test/', {}, body), {
    outcome: 'retry',
    error: 'the name could not be resolved',
  })
})

t.test('given a TLS receiver without a certificate, then the outcome is retry', async (t) => {
  const server = createTlsServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  t.match(await createSender(t).send(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`, {}, body), {
    outcome: 'retry',
    error: 'no TLS connection could be made',
  })
})

t.test('given an https URL of a receiver without TLS, then the outcome is retry', async (t) => {
  const crm = await startReceiver(t, respondWith('200 OK'))
  const plainServer = createServer((socket) => {
    socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n')
  }).listen(0, '127.0.0.1')
  await once(plainServer, 'listening')
  t.teardown(() => plainServer.close())
  t.match(await createSender(t).send(`https://127.0.0.1:${(plainServer.address() as AddressInfo).port}/`, {}, body), {
    outcome: 'retry',
    error: 'no TLS connection could be made',
  })
  t.equal(crm.connections, 0)
})

t.test(
  'given an address that is not allowed, then no connection is made, and the attempt is refused with a reason that does not contain the address',
  async (t) => {
    const internalServer = await startReceiver(t, respondWith('200 OK'))
    const guarded = createSender(t, { allowedNetworks: [] })
    for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433']) {
      const attempt = await guarded.send(`http://${host}:${internalServer.port}/?token=secret`, {}, body)
      t.match(attempt, { outcome: 'refused', status: undefined, error: /it leads back to this machine$/ }, host)
      t.notMatch(JSON.stringify(attempt), /secret|127|localhost/)
    }
    for (const url of ['nonsense', 'file:///etc/passwd', 'http://user:secret@crm.example/'])
      t.match(await guarded.send(url, {}, body), { outcome: 'refused', error: /^the webhook URL is refused: / })
    t.equal(internalServer.connections, 0)
  },
)

t.test('given an attempt in progress, when the sender is closed, then the attempt is finished first', async (t) => {
  let answer: () => void = () => undefined
  const received = Promise.withResolvers<void>()
  const crm = await startReceiver(t, (socket) => {
    answer = () => respondWith('200 OK')(socket)
    received.resolve()
  })
  const sender = createWebhookSender({ allowedNetworks: loopback })
  const attempt = sender.send(crm.url, {}, body)
  await received.promise
  const closed = sender.close()
  answer()
  t.match(await attempt, { outcome: 'delivered' })
  await closed
})
