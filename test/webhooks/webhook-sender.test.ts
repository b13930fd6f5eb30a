import { once } from 'node:events'
import { createServer as createTlsServer } from 'node:https'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { Webhook } from 'standardwebhooks'
import t from 'tap'
import type { Test } from 'tap'
import { parseNetworks } from '../../src/webhooks/network-guard.ts'
import { createWebhookSender } from '../../src/webhooks/webhook-sender.ts'
import type { WebhookSenderOptions } from '../../src/webhooks/webhook-sender.ts'
import { parseSecrets, signatureHeaders } from '../../src/webhooks/signature.ts'
import { answering, receiver } from './receiver.ts'

const loopback = parseNetworks('127.0.0.0/8')
const poster = (t: Test, options: Partial<WebhookSenderOptions> = {}) => {
  const made = createWebhookSender({ allowedNetworks: loopback, ...options })
  t.teardown(() => made.close())
  return made
}
const body = '{"type":"transfer.initiated","data":{"note":"Grüße"}}'

t.test('given a receiver that answers 200, then it gets the signed body as it stands and the attempt is delivered', async (t) => {
  const crm = await receiver(t, answering('200 OK'))
  const key = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const headers = signatureHeaders('msg_1', Math.floor(Date.now() / 1000), body, parseSecrets(key))
  const ticks = [1000, 1250]
  const attempt = await poster(t, { clock: () => ticks.shift() ?? 1250 }).post(crm.url, headers, body)
  t.same(attempt, { outcome: 'delivered', status: 200, durationMs: 250 })
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

const verdicts: Array<[status: string, headers: string, expected: object]> = [
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
for (const [status, headers, expected] of verdicts) {
  t.test(
    `given a receiver that answers ${status} ${headers.trim()}, then the attempt is ${(expected as { outcome: string }).outcome}`,
    async (t) => {
      const crm = await receiver(t, answering(status, headers))
      t.match(await poster(t, { clock: () => Date.UTC(1994, 10, 6, 8, 49, 0) }).post(crm.url, {}, body), expected)
      t.equal(crm.requests.length, 1)
    },
  )
}

t.test('given a redirect, then the place it leads to is not visited', async (t) => {
  const other = await receiver(t, answering('200 OK'))
  for (const status of [301, 302, 303, 307, 308]) {
    const crm = await receiver(t, answering(`${status} Go`, `location: ${other.url}\r\n`))
    t.match(await poster(t).post(crm.url, {}, body), { outcome: 'retry', status })
  }
  t.equal(other.connections, 0)
})

const silences: Array<[what: string, answer: (socket: Socket) => void]> = [
  ['never answers', () => undefined],
  [
    'stops in the middle of its headers',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-le')
    },
  ],
  [
    'sends a header line at a time for ever',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      const drip = setInterval(() => socket.write('x: y\r\n'), 20)
      socket.on('close', () => clearInterval(drip))
    },
  ],
]
for (const [what, answer] of silences) {
  t.test(`given a receiver that ${what}, then the attempt ends at the timeout and is tried again`, async (t) => {
    const crm = await receiver(t, answer)
    t.match(await poster(t, { timeoutMs: 150 }).post(crm.url, {}, body), {
      outcome: 'retry',
      status: undefined,
      error: 'no answer within 150 ms',
    })
  })
}

t.test('given a name whose resolution never ends, then the attempt ends at the timeout', async (t) => {
  t.match(await poster(t, { timeoutMs: 150, lookup: () => undefined }).post('http://crm.test/hook', {}, body), {
    outcome: 'retry',
    error: 'no answer within 150 ms',
  })
})

t.test('given a name that is resolved only after the attempt was given up, then that attempt is never sent', async (t) => {
  const crm = await receiver(t, answering('200 OK'))
  const answers: Array<() => void> = []
  const lookup: WebhookSenderOptions['lookup'] = (_name, _options, callback) => {
    const resolved = () => callback(null, [{ address: '127.0.0.1', family: 4 }])
    if (answers.push(resolved) > 1) resolved()
  }
  const late = poster(t, { timeoutMs: 1000, lookup })
  t.match(await late.post(`http://late.test:${crm.port}/`, {}, 'given up'), { outcome: 'retry' })
  answers[0]?.()
  const next = late.post(`http://late.test:${crm.port}/`, {}, 'the next one')
  t.match(await next, { outcome: 'delivered' })
  t.same(
    crm.requests.map((request) => request.split('\r\n\r\n')[1]),
    ['the next one'],
  )
})

const bodies: Array<[what: string, answer: (socket: Socket) => void]> = [
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
for (const [what, answer] of bodies) {
  t.test(`given a 200 whose body ${what}, then its word counts and the attempt is delivered`, async (t) => {
    const crm = await receiver(t, answer)
    t.match(await poster(t, { timeoutMs: 1000 }).post(crm.url, {}, body), { outcome: 'delivered', status: 200 })
  })
}

t.test('given an endless body, declared or not, then little more than 64 KiB are read and the connection is dropped', async (t) => {
  for (const framing of ['content-length: 9999999999', 'transfer-encoding: chunked', 'connection: close']) {
    let closed: Promise<unknown> = Promise.resolve()
    let written = 0
    const crm = await receiver(t, (socket) => {
      closed = new Promise((resolve) => socket.on('close', resolve))
      const piece = framing.startsWith('transfer') ? `4000\r\n${'x'.repeat(0x4000)}\r\n` : 'x'.repeat(0x4000)
      socket.write(`HTTP/1.1 200 OK\r\n${framing}\r\n\r\n`)
      const pour = (): void => {
        while (!socket.destroyed && socket.write(piece)) written += piece.length
      }
      socket.on('drain', () => {
        written += piece.length
        pour()
      })
      pour()
    })
    t.match(await poster(t, { timeoutMs: 5000 }).post(crm.url, {}, body), { outcome: 'delivered', status: 200 }, framing)
    await closed
    t.ok(written < 16 * 1024 * 1024, `${framing}: ${written} bytes, what the system buffers included`)
  }
})

t.test('given a receiver that breaks the connection, then the attempt is tried again', async (t) => {
  for (const answer of [
    (socket: Socket) => {
      socket.resetAndDestroy()
    },
    (socket: Socket) => {
      socket.end()
    },
  ]) {
    const crm = await receiver(t, answer)
    t.match(await poster(t).post(crm.url, {}, body), { outcome: 'retry', status: undefined, error: 'the connection broke' })
    t.equal(crm.requests.length, 1, 'and it was sent once')
  }
})

t.test('given a receiver that does not speak HTTP, then the attempt is tried again', async (t) => {
  for (const garbage of [
    'SSH-2.0-OpenSSH_9.2\r\n',
    '\u0000\u0001\u0002\u0003',
    'HTTP/1.1 two hundred\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: minus one\r\n\r\n',
  ]) {
    const crm = await receiver(t, (socket) => {
      socket.end(garbage)
    })
    t.match(
      await poster(t).post(crm.url, {}, body),
      { outcome: 'retry', status: undefined, error: 'the answer is not HTTP' },
      JSON.stringify(garbage),
    )
  }
  const crm = await receiver(t, (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`)
  })
  t.match(await poster(t).post(crm.url, {}, body), { outcome: 'retry', error: 'the answer has too many headers' })
})

t.test('given nobody who listens, then the attempt is tried again', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  t.match(await poster(t).post(`http://127.0.0.1:${port}/?token=secret`, {}, body), {
    outcome: 'retry',
    error: 'the connection was refused',
  })
})

t.test('given a name that nobody knows, then the attempt is tried again', async (t) => {
  const lookup: WebhookSenderOptions['lookup'] = (_name, _options, callback) => {
    callback(Object.assign(new Error('getaddrinfo ENOTFOUND crm.test'), { code: 'ENOTFOUND' }), [])
  }
  t.match(await poster(t, { lookup }).post('https://crm.test/', {}, body), { outcome: 'retry', error: 'the name could not be resolved' })
})

t.test('given a TLS receiver without a certificate, then the attempt is tried again', async (t) => {
  const server = createTlsServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  t.match(await poster(t).post(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`, {}, body), {
    outcome: 'retry',
    error: 'no trusted TLS connection could be made',
  })
})

t.test('given a plain receiver behind an https URL, then the attempt is tried again', async (t) => {
  const crm = await receiver(t, answering('200 OK'))
  const plain = createServer((socket) => {
    socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n')
  }).listen(0, '127.0.0.1')
  await once(plain, 'listening')
  t.teardown(() => plain.close())
  t.match(await poster(t).post(`https://127.0.0.1:${(plain.address() as AddressInfo).port}/`, {}, body), {
    outcome: 'retry',
    error: 'no trusted TLS connection could be made',
  })
  t.equal(crm.connections, 0)
})

t.test(
  'given an address that is not allowed, then nothing is connected to, the attempt is refused and says why without the address',
  async (t) => {
    const inner = await receiver(t, answering('200 OK'))
    const guarded = poster(t, { allowedNetworks: [] })
    for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433']) {
      const attempt = await guarded.post(`http://${host}:${inner.port}/?token=secret`, {}, body)
      t.match(attempt, { outcome: 'refused', status: undefined, error: /it leads back to this machine$/ }, host)
      t.notMatch(JSON.stringify(attempt), /secret|127|localhost/)
    }
    for (const url of ['nonsense', 'file:///etc/passwd', 'http://user:secret@crm.example/'])
      t.match(await guarded.post(url, {}, body), { outcome: 'refused', error: /^the webhook URL is refused: / })
    t.equal(inner.connections, 0)
  },
)

t.test('given a poster that closes, then the attempt under way is finished first', async (t) => {
  let answer: () => void = () => undefined
  let arrived: () => void = () => undefined
  const asked = new Promise<void>((resolve) => {
    arrived = resolve
  })
  const crm = await receiver(t, (socket) => {
    answer = () => answering('200 OK')(socket)
    arrived()
  })
  const closing = createWebhookSender({ allowedNetworks: loopback })
  const attempt = closing.post(crm.url, {}, body)
  await asked
  const closed = closing.close()
  answer()
  t.match(await attempt, { outcome: 'delivered' })
  await closed
})
