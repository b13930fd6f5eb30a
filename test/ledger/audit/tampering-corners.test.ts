/** Tampering with the audit trail in ways that random choices do not find. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { createAuditDraft } from '../../../src/ledger/audit/draft.ts'
import { erasedStatus } from '../../../src/ledger/audit/erasure-check.ts'
import { verifyAudit } from '../../../src/ledger/audit/verification.ts'
import type { AuditEntry } from '../../../src/ledger/contract/audit.ts'
import { StoreUnavailable } from '../../../src/ledger/contract/errors.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import { createOpener, type TapTest } from '../conformance.ts'
import { auditKey, createDraft, isTrailSound, readWholeAudit } from '../fixtures.ts'

t.setTimeout(240_000)

/** A ledger in a file, the entries that it reported, and direct access to its tables. */
async function createLedger(t: TapTest) {
  const folder = await mkdtemp(join(tmpdir(), 'handoff-corners-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'ledger.db')
  const reported: AuditEntry[] = []
  const ledger = await createOpener(t, `sqlite:${path}`)({ onAudit: (entry) => reported.push(entry) })
  const database = new DatabaseSync(path)
  t.teardown(() => database.close())
  return { ledger, reported, path, sql: (text: string) => database.exec(text) }
}
const conversationId = '11111111-1111-4111-8111-111111111111'
const personal = { callerNumber: '0123456789abcdef' }
const appendPersonal = (ledger: Ledger, status: string) => ledger.appendAudit({ ...createDraft(status), conversationId, personal })
const erase = (ledger: Ledger) =>
  ledger.eraseConversation(
    conversationId,
    { eraseRecord: (record) => record, eraseBulkTransfer: (record) => record, eraseBody: (body) => body },
    createAuditDraft(erasedStatus, { conversationId }),
  )
async function* toLogLines(entries: AuditEntry[]): AsyncGenerator<string> {
  for (const entry of entries) yield JSON.stringify(entry)
}
/** The columns of `audit` that do not name a row. */
const columns = 'at, transfer_id, conversation_id, entry, personal, hash'

/** Asserts that a verification of the trail reports a fault. @param log the lines of the log, if it is compared too */
async function expectFaults(t: TapTest, ledger: Ledger, log?: AsyncIterable<string>): Promise<void> {
  const { faults } = await verifyAudit(ledger, auditKey, log)
  t.not(faults.length, 0, 'the verification reports a fault')
}

for (const position of [0, -1, -7])
  t.test(
    `given a forged row at position ${position}, before the first row, when the trail is verified, then a fault is reported`,
    async (t) => {
      const { ledger, sql } = await createLedger(t)
      await ledger.appendAudit(createDraft('one'))
      sql(
        `INSERT INTO audit (chain, place, ${columns}) SELECT chain, ${position}, at, 'of a transfer', conversation_id, replace(entry, 'one', 'forged'), personal, hash FROM audit`,
      )
      t.match(
        (await readWholeAudit(ledger)).map(({ status }) => status),
        ['one', 'forged'],
        'an export contains the forged row',
      )
      await expectFaults(t, ledger)
    },
  )

t.test(
  'given a forged chain whose name continues after a NUL character, with a copy of the real head, when the trail is verified, then a fault is reported',
  async (t) => {
    const { ledger, sql } = await createLedger(t)
    await ledger.appendAudit(createDraft('one'))
    sql(`INSERT INTO audit (chain, place, ${columns}) SELECT chain || char(0) || 'x', 1, at, transfer_id, conversation_id, replace(entry, 'one', 'forged'), personal, hash FROM audit;
    INSERT INTO audit_heads SELECT chain || char(0) || 'x', place, at, hash, seal FROM audit_heads`)
    await expectFaults(t, ledger)
  },
)

t.test(
  'given two rows at the same position at the end of a page, in a table without its unique index, when the trail is verified, then a fault is reported',
  async (t) => {
    const { ledger, sql } = await createLedger(t)
    await Promise.all(Array.from({ length: 2_100 }, (_, index) => ledger.appendAudit(createDraft(`row ${index}`))))
    sql(`CREATE TABLE loose AS SELECT * FROM audit; DROP TABLE audit; ALTER TABLE loose RENAME TO audit;
    INSERT INTO audit (seq, chain, place, ${columns}) SELECT 3000, chain, place, at, transfer_id, conversation_id, replace(entry, 'row', 'forged'), personal, hash FROM audit WHERE place = 2000`)
    t.ok(
      (await readWholeAudit(ledger)).some(({ status }) => status.startsWith('forged')),
      'an export contains the forged row',
    )
    await expectFaults(t, ledger)
  },
)

t.test(
  'given an entry that was written after its conversation was erased, when its personal data is removed, then a fault is reported',
  async (t) => {
    const { ledger, sql } = await createLedger(t)
    await appendPersonal(ledger, 'before')
    await erase(ledger)
    await appendPersonal(ledger, 'after')
    t.ok(await isTrailSound(ledger))
    sql('UPDATE audit SET personal = NULL WHERE place = 3')
    await expectFaults(t, ledger)
  },
)

t.test('given personal data that was erased, when it is restored from a copy, then a fault is reported', async (t) => {
  const { ledger, sql } = await createLedger(t)
  await appendPersonal(ledger, 'before')
  sql('CREATE TEMP TABLE saved AS SELECT seq, personal FROM audit')
  await erase(ledger)
  sql('UPDATE audit SET personal = (SELECT personal FROM saved WHERE saved.seq = audit.seq)')
  await expectFaults(t, ledger)
})

for (const [seq, change] of [
  [900, 'the last row gets a higher number'],
  [-5, 'the first row gets a lower number'],
] as const)
  t.test(`given three rows, when ${change} and their order stays the same, then a fault is reported`, async (t) => {
    const { ledger, sql } = await createLedger(t)
    for (const status of ['one', 'two', 'three']) await ledger.appendAudit(createDraft(status))
    sql(`UPDATE audit SET seq = ${seq} WHERE place = ${seq > 0 ? 3 : 1}`)
    await expectFaults(t, ledger)
  })

for (const column of ['transfer_id', 'personal'])
  t.test(`given a row without ${column}, when bytes that are not text are written there, then a fault is reported`, async (t) => {
    const { ledger, sql } = await createLedger(t)
    await ledger.appendAudit(createDraft('one'))
    sql(`UPDATE audit SET ${column} = x'2b34393330'`)
    await expectFaults(t, ledger)
  })

t.test(
  'given a row number that no JavaScript number can hold, when the trail is verified, then a fault is reported or the trail cannot be read',
  async (t) => {
    const { ledger, sql } = await createLedger(t)
    await ledger.appendAudit(createDraft('one'))
    sql('UPDATE audit SET seq = 9223372036854775000')
    const isUnnoticed = await verifyAudit(ledger, auditKey).then(
      ({ faults }) => faults.length === 0,
      (error: unknown) => !(error instanceof StoreUnavailable),
    )
    t.notOk(isUnnoticed, 'a fault is reported, or the trail cannot be read')
  },
)

t.test('given an entry that continues after a NUL character, when the trail is verified, then a fault is reported', async (t) => {
  const { ledger, sql } = await createLedger(t)
  await ledger.appendAudit(createDraft('one'))
  sql("UPDATE audit SET entry = entry || char(0) || 'more'")
  await expectFaults(t, ledger)
})

t.test(
  'given a changed row between an erased row and the entry that reports the erasure, then the fault names only the changed row',
  async (t) => {
    const { ledger, sql } = await createLedger(t)
    await appendPersonal(ledger, 'before')
    await ledger.appendAudit(createDraft('between'))
    await erase(ledger)
    sql("UPDATE audit SET entry = replace(entry, 'between', 'behind') WHERE place = 2")
    const { faults, rows } = await verifyAudit(ledger, auditKey)
    t.same(
      faults.map(({ place }) => place),
      [2],
    )
    t.equal(rows, 3, 'all rows are counted')
  },
)

t.test(
  'given a database that was set back and then wrote another checkpoint at the same position, when the log has both checkpoints, then a fault is reported',
  async (t) => {
    const { ledger, reported, path, sql } = await createLedger(t)
    await ledger.appendAudit(createDraft('one'))
    sql('PRAGMA wal_checkpoint(TRUNCATE)')
    await copyFile(path, `${path}.copy`)
    await ledger.appendAudit(createDraft('two, to be lost'))
    await ledger.writeCheckpoint()
    await ledger.close()
    const setBack = await createOpener(t, `sqlite:${path}.copy`)({ onAudit: (entry) => reported.push(entry) })
    await setBack.appendAudit(createDraft('two, but different'))
    await setBack.writeCheckpoint()
    t.match(await verifyAudit(setBack, auditKey, toLogLines(reported)), { checkpoints: { logged: 2 } })
    await expectFaults(t, setBack, toLogLines(reported))
  },
)
