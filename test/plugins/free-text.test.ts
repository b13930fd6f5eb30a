/** Phone numbers and e-mail addresses in free text of callers: masked where the text is kept for good, and erasable everywhere else. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import { runCommand } from '../commands/run-command.ts'
import { setUpIvrCall } from '../support/calls.ts'
import { writeIndeterminate } from '../support/indeterminate-transfer.ts'
import { operationsKey, testSettings } from '../support/settings.ts'
import { startTestSystem } from '../support/test-system.ts'

/** Forms in which callers write numbers, each with the digits of one of `numbers`, and an e-mail address. */
const writtenForms = [
  '(317) 555-0303',
  '317-555-0404',
  '030 7755002',
  '+1 317.555.0303',
  '３１７-５５５-０４０４',
  '٠٣٠ ٧٧٥٥٠٠٢',
  '3175550303',
  '317     555     0303',
  '317x555x0404',
  '317 ext 555 ext 0303',
  '317abc555abc0404',
  '00000000-0000-0000-0000-003175550303',
  '00000000-0000-4000-8000-003175550404',
  'a0000000000000000000003175550303',
  'jane.doe@example.org',
]
const numbers = ['3175550303', '3175550404', '0307755002']
const charactersBetween = String.raw`[^\d]{0,20}?`
const patterns = [...numbers.map((number) => new RegExp(number.split('').join(charactersBetween))), /jane\W?doe\W?example/i]
const asciiDigits = (text: string): string =>
  text.replaceAll(/[\uFF10-\uFF19\u0660-\u0669]/g, (digit) => String(Number(digit.codePointAt(0)) & 0xf))
/** The numbers that a text contains, whatever stands between their digits, and the e-mail address; each as its pattern. */
const findNumbers = (text: string): string[] =>
  patterns.filter((pattern) => pattern.test(asciiDigits(text.normalize('NFKC')))).map(({ source }) => source)

/** Text that no rule recognizes as personal data. */
const unrecognizable = 'Jane Doe of 12 Elm Street, number three one seven five'

test('given callers who write numbers into every free text, when their conversation is erased, then neither the ledger nor the log has one', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const settings = {
    DATABASE_URL: `sqlite:${join(folder, 'handoff.db')}`,
    API_KEYS: `${operationsKey}:transfers:write+transfers:read+transfers:settle+audit:read`,
    LOG_LEVEL: 'trace',
  }
  const system = await startTestSystem(t, settings)
  const { control, request } = system
  const { conversationId, queueId } = setUpIvrCall(control)
  const toUnknownQueue = () => ({ type: 'queue', queueId: randomUUID() })

  const auditDetails: string[] = []
  async function readAudit(id: unknown): Promise<void> {
    auditDetails.push(JSON.stringify((await request('GET', `/v1/transfers/${String(id)}/audit`)).body))
  }
  for (const [index, text] of writtenForms.entries()) {
    const id = await writeIndeterminate(system, { conversationId, queueId })
    const reason = `The caller at ${text} had hung up`
    t.equal((await request('POST', `/v1/transfers/${id}/settle`, { state: 'failed', reason })).status, 200)
    await readAudit(id)
    t.match(auditDetails.at(-1), /The caller at /, 'the rest of the reason can be read')

    const visible = /^[\x21-\x7e]+$/.test(text) ? text : String(index)
    // The header can contain no address.
    const correlationId = text.includes('@') ? 'flow-1' : text.replaceAll(/[^\w.:-]/g, '-')
    const { body: flat, headers } = await request(
      'POST',
      '/v1/architect/transfers',
      { conversationId, targetType: 'queue', targetId: randomUUID(), idempotencyKey: `flat-${visible}` },
      { 'inin-correlation-id': correlationId },
    )
    t.match(flat, { code: 'TARGET_NOT_FOUND' })
    t.equal(headers.get('inin-correlation-id'), correlationId, 'the correlation id is echoed as it was sent')
    await readAudit(flat['transferId'])

    const { body: refused } = await request('POST', '/v1/transfers', {
      conversationId,
      target: toUnknownQueue(),
      context: { reason: text },
      idempotencyKey: `rest-${visible}`,
    })
    t.match(refused, { code: 'TARGET_NOT_FOUND' })
    await readAudit(refused.transferId)

    const { body: invalid } = await request('POST', '/v1/transfers', {
      conversationId,
      target: toUnknownQueue(),
      context: { [text]: 7 },
    })
    t.match(invalid, { code: 'INVALID_REQUEST', status: 400 })
    t.strictSame(findNumbers(JSON.stringify(invalid)), [], `the name of the field has no number: ${invalid.field}`)
  }
  t.strictSame(
    auditDetails.filter((text) => findNumbers(text).length > 0),
    [],
    'no number is in the audit trail',
  )

  const id = await writeIndeterminate(system, { conversationId, queueId })
  t.equal((await request('POST', `/v1/transfers/${id}/settle`, { state: 'failed', reason: unrecognizable })).status, 200)
  await readAudit(id)
  t.match(auditDetails.at(-1), unrecognizable, 'the reason can be read until it is erased')
  const { body: flat } = await request(
    'POST',
    '/v1/architect/transfers',
    { conversationId, targetType: 'queue', targetId: randomUUID() },
    { 'inin-correlation-id': 'jane-elm-street' },
  )
  await readAudit(flat['transferId'])
  t.match(auditDetails.at(-1), 'jane-elm-street')
  await system.stop()

  t.ok(findNumbers(readFileSync(join(folder, 'handoff.db'), 'utf8')).length > 0, 'before the erasure, the context is in the ledger')
  const erase = ['src/commands/erase.ts', '--conversation', conversationId, '--reason', `asked for by ${writtenForms.join(', ')}`]
  const runErase = (command: string[]) => runCommand(process.execPath, command, { ...testSettings(''), ...settings })
  // Each form was in three transfers: one that was settled, and one that was refused on each of the two routes.
  t.match(await runErase(erase), { exitCode: 0, stdout: `${3 * writtenForms.length + 2} transfers` })
  const readFiles = () => readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
  for (const text of readFiles()) {
    t.strictSame(findNumbers(text), [])
    t.notMatch(text, /elm.street/i)
  }
  // The reason of an erasure is itself erased by the next erasure.
  t.match(await runErase([...erase.slice(0, -1), `the wish of ${unrecognizable}`]), { exitCode: 0 })
  t.match(readFiles().join(''), unrecognizable)
  t.match(await runErase(erase.slice(0, -2)), { exitCode: 0 })
  t.notMatch(readFiles().join(''), /elm.street/i)
  t.match(await runCommand(process.execPath, ['src/commands/audit-verify.ts'], { ...testSettings(''), ...settings }), { exitCode: 0 })
  t.strictSame(
    system.logLines.map((line) => JSON.stringify(line)).filter((line) => findNumbers(line).length > 0 || line.includes('Elm Street')),
    [],
    'no number is in the log',
  )
})

test("given correlation ids of the platform's form, when a flow requests a transfer, then they are readable in the audit trail and the log", async (t) => {
  const system = await startTestSystem(t)
  for (const correlationId of [
    '12345678-1234-4234-8234-123456789012',
    randomUUID().toUpperCase(),
    '4bf92f3577b34da6a3ce929d0e0e4736',
    'flow-12.step-3:retry',
  ]) {
    const { conversationId, queueId } = setUpIvrCall(system.control)
    const { body } = await system.request(
      'POST',
      '/v1/architect/transfers',
      { conversationId, targetType: 'queue', targetId: queueId },
      { 'inin-correlation-id': correlationId },
    )
    const { body: audit } = await system.request('GET', `/v1/transfers/${String(body['transferId'])}/audit`)
    t.match(audit['entries'], [{ status: 'accepted', detail: { correlationId } }])
    t.ok(
      system.logLines.some((line) => line['correlationId'] === correlationId),
      'the correlation id is in the log',
    )
  }
})
