/** No error of the client shows a token, a client secret, a phone number or a request body, in any form in which it may be logged. */
import { Writable } from 'node:stream'
import { inspect } from 'node:util'
import pino from 'pino'
import t from 'tap'
import { connectGenesys } from '../../src/genesys/client.ts'
import type { GenesysError } from '../../src/genesys/http/errors.ts'
import { clientId, clientSecret, connectToFakePlatform, createSettings, dueIn, rejection } from './support/connect.ts'
import { neverReply, replyJson, replyText, replyTruncated, resetConnection, type Reply } from './support/fake-platform.ts'

const phoneNumber = '+15558675309'
const credentials = Buffer.from(`${clientId}:${clientSecret}`).toString('base64')
const canaries = [/canary-token/, new RegExp(clientSecret), new RegExp(credentials), /Bearer|Basic /, /5558675309/, /canary-attribute/]

/** Everything that a logger, a debugger or a serializer makes of an error. */
async function showInEveryForm(error: GenesysError): Promise<string> {
  let logged = ''
  const stream = new Writable({
    write: (chunk, _, callback) => {
      logged += chunk
      callback()
    },
  })
  const log = pino(stream)
  log.error(error)
  log.error({ err: error, error, nested: { error } }, 'failed')
  await new Promise<void>((resolve) => log.flush(() => resolve()))
  return [
    logged,
    JSON.stringify(error),
    JSON.stringify(error, Object.getOwnPropertyNames(error)),
    String(error),
    error.stack ?? '',
    inspect(error, { depth: Infinity, showHidden: true, getters: true }),
    inspect(Object.getOwnPropertyDescriptors(error), { depth: Infinity, showHidden: true }),
  ].join('\n')
}

/** Echoes everything that was received, in every field of an error body. */
const echo =
  (status: number): Reply =>
  (response, request) => {
    const { headers, body } = request
    replyJson(
      status,
      {
        code: 'bad.request',
        message: `cannot transfer to ${phoneNumber}: header ${headers.authorization}, body ${body}`,
        messageWithParams: body,
        messageParams: { address: phoneNumber, token: headers.authorization },
        details: [{ errorCode: 'x', fieldName: body }],
      },
      { 'inin-correlation-id': phoneNumber.slice(1) },
    )(response, request)
  }

const failures: Array<[name: string, reply: Reply]> = [
  ...[400, 401, 403, 404, 409, 422, 429, 500, 503].map((status): [string, Reply] => [String(status), echo(status)]),
  ['a connection reset', resetConnection],
  ['a truncated body', replyTruncated(400)],
  ['no response', neverReply],
  ['a response that is not HTTP', (response) => response.socket?.end(`garbage ${phoneNumber}\r\n\r\n`)],
  ['HTML', replyText(502, `<html>${phoneNumber}</html>`)],
]

t.test('given any failure of a call, then no form of the error shows a token, secret, number or body', async (t) => {
  for (const [name, reply] of failures) {
    const { genesys, platform } = await connectToFakePlatform(t)
    await genesys.waitForToken(Date.now() + 20_000)
    platform.replyWith(reply)
    for (const call of [
      () => genesys.transferToNumber('c1', 'p1', phoneNumber, dueIn(300)),
      () => genesys.setAttributes('c1', 'p1', { note: 'canary-attribute', caller: phoneNumber }, dueIn(300)),
      () => genesys.conversation('c1', dueIn(300)),
    ]) {
      const error = await rejection(call())
      const shown = await showInEveryForm(error)
      t.match(shown, /GenesysError/)
      for (const canary of canaries) t.notMatch(shown, canary, `${name}: ${error.message}`)
      t.equal(error.cause, undefined)
    }
  }
})

t.test('given any failure of a login, then no form of the error shows a secret', async (t) => {
  for (const [name, reply] of failures) {
    const { genesys, platform } = await connectToFakePlatform(t)
    // A login without a response would only take longer than the call; a refusal that echoes the request shows more.
    platform.replyToLoginWith(reply === neverReply ? echo(400) : reply)
    const shown = await showInEveryForm(await rejection(genesys.transferToNumber('c1', 'p1', phoneNumber, dueIn(4000))))
    for (const canary of canaries) t.notMatch(shown, canary, name)
  }
})

t.test('given a platform that cannot be reached, then no form of the error shows a secret', async (t) => {
  const genesys = await connectGenesys(createSettings('http://genesys.invalid'))
  t.teardown(() => genesys.close())
  const shown = await showInEveryForm(await rejection(genesys.transferToNumber('c1', 'p1', phoneNumber, dueIn(6000))))
  for (const canary of canaries) t.notMatch(shown, canary)
})

t.test('given a client that is logged in, then a debugger shows no secret of it', async (t) => {
  const { genesys } = await connectToFakePlatform(t)
  await genesys.waitForToken(Date.now() + 20_000)
  const shown = inspect(genesys, { depth: Infinity, showHidden: true })
  for (const canary of canaries) t.notMatch(shown, canary)
})
