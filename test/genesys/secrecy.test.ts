import { Writable } from 'node:stream'
import { inspect } from 'node:util'
import pino from 'pino'
import t from 'tap'
import { connectGenesys } from '../../src/genesys/client.ts'
import type { GenesysError } from '../../src/genesys/http/errors.ts'
import { CLIENT_ID, CLIENT_SECRET, connected, failure, half, inMs, json, reset, settings, silence, text } from './platform.ts'
import type { Reply } from './platform.ts'

const NUMBER = '+15558675309'
const BASIC = Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64')
const CANARIES = [/canary-token/, new RegExp(CLIENT_SECRET), new RegExp(BASIC), /Bearer|Basic /, /5558675309/, /canary-attribute/]

/** Everything that a logger, a debugger or a serialiser makes of an error. */
async function everyFormOf(error: GenesysError): Promise<string> {
  let logged = ''
  const stream = new Writable({
    write: (chunk, _, done) => {
      logged += chunk
      done()
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

/** A platform that parrots everything it was sent, in every field it has. */
const parrot =
  (status: number): Reply =>
  (response, { headers, body }) =>
    json(
      status,
      {
        code: 'bad.request',
        message: `cannot transfer to ${NUMBER}: header ${headers.authorization}, body ${body}`,
        messageWithParams: body,
        messageParams: { address: NUMBER, token: headers.authorization },
        details: [{ errorCode: 'x', fieldName: body }],
      },
      { 'inin-correlation-id': NUMBER.slice(1) },
    )(response, {} as never)

const WAYS: Array<[string, Reply]> = [
  ...[400, 401, 403, 404, 409, 422, 429, 500, 503].map((status): [string, Reply] => [String(status), parrot(status)]),
  ['reset', reset],
  ['half a body', half(400)],
  ['silence', silence],
  ['garbage', (response) => response.socket?.end(`garbage ${NUMBER}\r\n\r\n`)],
  ['HTML', text(502, `<html>${NUMBER}</html>`)],
]

t.test('given any failure of a call, no form of the error shows a token, secret, number or body', async (t) => {
  for (const [what, reply] of WAYS) {
    const { genesys, at } = await connected(t)
    await genesys.ready(Date.now() + 3000)
    at.answers(reply)
    for (const call of [
      () => genesys.transferToNumber('c1', 'p1', NUMBER, inMs(300)),
      () => genesys.setAttributes('c1', 'p1', { note: 'canary-attribute', caller: NUMBER }, inMs(300)),
      () => genesys.conversation('c1', inMs(300)),
    ]) {
      const error = await failure(call())
      const shown = await everyFormOf(error)
      t.match(shown, /GenesysError/)
      for (const canary of CANARIES) t.notMatch(shown, canary, `${what}: ${error.message}`)
      t.equal(error.cause, undefined)
    }
  }
})

t.test('given a login that fails in any way, no form of the error shows a secret', async (t) => {
  for (const [what, reply] of WAYS) {
    const { genesys, at } = await connected(t)
    at.answersLogin(what === 'silence' ? parrot(400) : reply)
    const shown = await everyFormOf(await failure(genesys.transferToNumber('c1', 'p1', NUMBER, inMs(4000))))
    for (const canary of CANARIES) t.notMatch(shown, canary, what)
  }
})

t.test('given a platform that is not there, no form of the error shows a secret', async (t) => {
  const genesys = await connectGenesys(settings('http://genesys.invalid'))
  t.teardown(() => genesys.close())
  const shown = await everyFormOf(await failure(genesys.transferToNumber('c1', 'p1', NUMBER, inMs(6000))))
  for (const canary of CANARIES) t.notMatch(shown, canary)
})

t.test('the client itself shows no secret to a debugger', async (t) => {
  const { genesys } = await connected(t)
  await genesys.ready(Date.now() + 3000)
  const shown = inspect(genesys, { depth: Infinity, showHidden: true })
  for (const canary of CANARIES) t.notMatch(shown, canary)
})
