/** Phone numbers and addresses in what callers write in their own words: masked where it is kept for good, and erasable everywhere else. */
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

/** Numbers as callers were seen to write them; all of them have the digits of one of `numbers`. */
const written = [
  '(317) 555-0303',
  '317-555-0404',
  '030 7755002',
  '+1 317.555.0303',
  '３１７-５５５-０４０４',
  '٠٣٠ ٧٧٥٥٠٠٢',
  '3175550303',
  'jane.doe@example.org',
]
const numbers = ['3175550303', '3175550404', '0307755002', 'janedoeexample']
const asciiDigits = (text: string): string =>
  text.replaceAll(/[\uFF10-\uFF19\u0660-\u0669]/g, (digit) => String(Number(digit.codePointAt(0)) & 0xf))
/** The numbers that a text contains, whatever stands between their digits. */
function findNumbers(text: string): string[] {
  const digits = asciiDigits(text.normalize('NFKC')).replaceAll(/[\s().+:@_-]/g, '')
  return numbers.filter((number) => digits.includes(number))
}

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
  const toNowhere = () => ({ type: 'queue', queueId: randomUUID() })

  const auditDetails: string[] = []
  async function readAudit(id: unknown): Promise<void> {
    auditDetails.push(JSON.stringify((await request('GET', `/v1/transfers/${String(id)}/audit`)).body))
  }
  for (const [index, text] of written.entries()) {
    const id = await writeIndeterminate(system, { conversationId, queueId })
    const reason = `The caller at ${text} had hung up`
    t.equal((await request('POST', `/v1/transfers/${id}/settle`, { state: 'failed', reason })).status, 200)
    await readAudit(id)

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
    t.equal(headers.get('inin-correlation-id'), correlationId, 'it is echoed as it was sent')
    await readAudit(flat['transferId'])

    const { body: refused } = await request('POST', '/v1/transfers', {
      conversationId,
      target: toNowhere(),
      context: { reason: text },
      idempotencyKey: `rest-${visible}`,
    })
    t.match(refused, { code: 'TARGET_NOT_FOUND' })
    await readAudit(refused.transferId)

    const { body: invalid } = await request('POST', '/v1/transfers', {
      conversationId,
      target: toNowhere(),
      context: { [text]: 7 },
    })
    t.match(invalid, { code: 'INVALID_REQUEST', status: 400 })
    t.strictSame(findNumbers(JSON.stringify(invalid)), [], `the field's name: ${invalid.field}`)
  }
  t.strictSame(
    auditDetails.filter((text) => findNumbers(text).length > 0),
    [],
    'the audit trail',
  )
  await system.stop()

  t.ok(findNumbers(readFileSync(join(folder, 'handoff.db'), 'utf8')).length > 0, 'before, the context is in the ledger')
  const erase = ['src/commands/erase.ts', '--conversation', conversationId, '--reason', `asked for by ${written.join(', ')}`]
  const erased = await runCommand(process.execPath, erase, { ...testSettings(''), ...settings })
  t.match(erased, { exitCode: 0, stdout: `${3 * written.length} transfers` })
  for (const name of readdirSync(folder)) t.strictSame(findNumbers(readFileSync(join(folder, name), 'utf8')), [], name)
  t.strictSame(
    system.logLines.map((line) => JSON.stringify(line)).filter((line) => findNumbers(line).length > 0),
    [],
    'the log',
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
      'in the log',
    )
  }
})
