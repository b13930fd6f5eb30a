/** Ways into the audit trail that chance does not come upon. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { auditNote } from '../../../src/ledger/audit/draft.ts'
import { erasedStatus, verifyAudit } from '../../../src/ledger/audit/verification.ts'
import { StoreUnavailable, type AuditEntry, type Ledger } from '../../../src/ledger/ledger.ts'
import { opener, type Test } from '../conformance.ts'
import { auditKey, draft, sound, wholeAudit } from '../scene.ts'

t.setTimeout(120_000)

async function ledgerIn(t: Test) {
  const folder = await mkdtemp(join(tmpdir(), 'handoff-corners-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'ledger.db')
  const told: AuditEntry[] = []
  const ledger = await opener(t, `sqlite:${path}`)({ onAudit: (entry) => told.push(entry) })
  const other = new DatabaseSync(path)
  t.teardown(() => other.close())
  return { ledger, told, path, sql: (text: string) => other.exec(text) }
}
const call = '11111111-1111-4111-8111-111111111111'
const personal = { callerNumber: '0123456789abcdef' }
const noteAbout = (ledger: Ledger, status: string) => ledger.note({ ...draft(status), conversationId: call, personal })
const eraseCall = (ledger: Ledger) =>
  ledger.erase(call, { record: (record) => record, body: (body) => body }, auditNote(erasedStatus, { conversationId: call }))
async function* linesOf(entries: AuditEntry[]): AsyncGenerator<string> {
  for (const entry of entries) yield JSON.stringify(entry)
}
const columns = 'at, transfer_id, conversation_id, entry, personal, hash'

async function isFound(t: Test, ledger: Ledger, log?: AsyncIterable<string>): Promise<void> {
  const { faults } = await verifyAudit(ledger, auditKey, log)
  t.not(faults.length, 0, 'it is found')
}

for (const place of [0, -1, -7])
  t.test(`given a row written at place ${place}, before the first, then it is found`, async (t) => {
    const { ledger, sql } = await ledgerIn(t)
    await ledger.note(draft('one'))
    sql(
      `INSERT INTO audit (chain, place, ${columns}) SELECT chain, ${place}, at, 'of a transfer', conversation_id, replace(entry, 'one', 'forged'), personal, hash FROM audit`,
    )
    t.match(
      (await wholeAudit(ledger)).map(({ status }) => status),
      ['one', 'forged'],
      'an export has it',
    )
    await isFound(t, ledger)
  })

t.test('given a chain whose name goes on after a NUL, with the head of the true one, then it is found', async (t) => {
  const { ledger, sql } = await ledgerIn(t)
  await ledger.note(draft('one'))
  sql(`INSERT INTO audit (chain, place, ${columns}) SELECT chain || char(0) || 'x', 1, at, transfer_id, conversation_id, replace(entry, 'one', 'forged'), personal, hash FROM audit;
    INSERT INTO audit_heads SELECT chain || char(0) || 'x', place, at, hash, seal FROM audit_heads`)
  await isFound(t, ledger)
})

t.test('given a place that is there twice, because the index was taken away, at the end of a page of the verification', async (t) => {
  const { ledger, sql } = await ledgerIn(t)
  await Promise.all(Array.from({ length: 2_100 }, (_, place) => ledger.note(draft(`row ${place}`))))
  sql(`CREATE TABLE loose AS SELECT * FROM audit; DROP TABLE audit; ALTER TABLE loose RENAME TO audit;
    INSERT INTO audit (seq, chain, place, ${columns}) SELECT 3000, chain, place, at, transfer_id, conversation_id, replace(entry, 'row', 'forged'), personal, hash FROM audit WHERE place = 2000`)
  t.ok(
    (await wholeAudit(ledger)).some(({ status }) => status.startsWith('forged')),
    'an export has it',
  )
  await isFound(t, ledger)
})

t.test(
  "given a call that was erased and is told of again later, when somebody takes the later row's personal part out, then that is found",
  async (t) => {
    const { ledger, sql } = await ledgerIn(t)
    await noteAbout(ledger, 'before')
    await eraseCall(ledger)
    await noteAbout(ledger, 'after')
    t.ok(await sound(ledger))
    sql('UPDATE audit SET personal = NULL WHERE place = 3')
    await isFound(t, ledger)
  },
)

t.test('given an erased personal part, when it is put back from a copy, then that is found', async (t) => {
  const { ledger, sql } = await ledgerIn(t)
  await noteAbout(ledger, 'before')
  sql('CREATE TEMP TABLE kept AS SELECT seq, personal FROM audit')
  await eraseCall(ledger)
  sql('UPDATE audit SET personal = (SELECT personal FROM kept WHERE kept.seq = audit.seq)')
  await isFound(t, ledger)
})

for (const [seq, what] of [
  [900, 'the last row gets a later number'],
  [-5, 'the first row gets an earlier number'],
] as const)
  t.test(`given numbers of rows, when ${what}, so that their order stays, then that is found`, async (t) => {
    const { ledger, sql } = await ledgerIn(t)
    for (const status of ['one', 'two', 'three']) await ledger.note(draft(status))
    sql(`UPDATE audit SET seq = ${seq} WHERE place = ${seq > 0 ? 3 : 1}`)
    await isFound(t, ledger)
  })

for (const column of ['transfer_id', 'personal'])
  t.test(`given a row without ${column}, when bytes that are no text are put there, then that is found`, async (t) => {
    const { ledger, sql } = await ledgerIn(t)
    await ledger.note(draft('one'))
    sql(`UPDATE audit SET ${column} = x'2b34393330'`)
    await isFound(t, ledger)
  })

t.test('given a number of a row that no JavaScript number holds, then that is found', async (t) => {
  const { ledger, sql } = await ledgerIn(t)
  await ledger.note(draft('one'))
  sql('UPDATE audit SET seq = 9223372036854775000')
  const silent = await verifyAudit(ledger, auditKey).then(
    ({ faults }) => faults.length === 0,
    (error: unknown) => !(error instanceof StoreUnavailable),
  )
  t.notOk(silent, 'found, or at least not read')
})

t.test('given an entry that goes on after a NUL, then that is found', async (t) => {
  const { ledger, sql } = await ledgerIn(t)
  await ledger.note(draft('one'))
  sql("UPDATE audit SET entry = entry || char(0) || 'more'")
  await isFound(t, ledger)
})

t.test(
  'given an erasure and, between the erased row and the word of it, a row that was changed, then only that one is accused',
  async (t) => {
    const { ledger, sql } = await ledgerIn(t)
    await noteAbout(ledger, 'before')
    await ledger.note(draft('between'))
    await eraseCall(ledger)
    sql("UPDATE audit SET entry = replace(entry, 'between', 'behind') WHERE place = 2")
    const { faults, rows } = await verifyAudit(ledger, auditKey)
    t.same(
      faults.map(({ place }) => place),
      [2],
    )
    t.equal(rows, 3, 'and all rows are counted')
  },
)

t.test(
  'given a store that was set back and written on until its checkpoint came to the place of the former one, when the log tells of both, then that is found',
  async (t) => {
    const { ledger, told, path, sql } = await ledgerIn(t)
    await ledger.note(draft('one'))
    sql('PRAGMA wal_checkpoint(TRUNCATE)')
    await copyFile(path, `${path}.copy`)
    await ledger.note(draft('two, to be forgotten'))
    await ledger.checkpoint()
    await ledger.close()
    const again = await opener(t, `sqlite:${path}.copy`)({ onAudit: (entry) => told.push(entry) })
    await again.note(draft('two, otherwise'))
    await again.checkpoint()
    t.match(await verifyAudit(again, auditKey, linesOf(told)), { checkpoints: { logged: 2 } })
    await isFound(t, again, linesOf(told))
  },
)
