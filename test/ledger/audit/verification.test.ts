/** What the verification of an audit trail reports, with and without the log. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import t from 'tap'
import { createCheckpointDraft, createCheckpointSigner, parseCheckpoint } from '../../../src/ledger/audit/checkpoint.ts'
import { verifyAudit } from '../../../src/ledger/audit/verification.ts'
import type { AuditEntry } from '../../../src/ledger/contract/audit.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import { toEcsAuditEvent } from '../../../src/telemetry/ecs.ts'
import { createLog } from '../../../src/telemetry/log.ts'
import { redact } from '../../../src/telemetry/redact-log-line.ts'
import { createOpener, type TapTest } from '../conformance.ts'
import { auditKey, createDraft, isTrailSound } from '../fixtures.ts'
import { buildTrail } from './tampering-run.ts'

t.setTimeout(240_000)

async function createFolder(t: TapTest): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'handoff-verification-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Writes audit entries to a log as the service does, and keeps the lines. */
function createAuditLog(): { lines: string[]; onAudit: (entry: AuditEntry) => void; read: () => AsyncGenerator<string> } {
  const lines: string[] = []
  const log = createLog('info', { destination: { write: (line: string) => void lines.push(line) } })
  return {
    lines,
    onAudit: (entry) => log.info({ audit: true, ...toEcsAuditEvent(entry) }, `audit ${entry.status}`),
    read: () => readLines(lines),
  }
}
async function* readLines(lines: string[]): AsyncGenerator<string> {
  yield* lines
}

t.test('given a trail with every kind of entry, when it is verified, then it is sound and its content is counted', async (t) => {
  const log = createAuditLog()
  const ledger = await createOpener(t, 'sqlite::memory:')({ onAudit: log.onAudit })
  await buildTrail([ledger], 13)
  const rows = log.lines.length
  t.same(await verifyAudit(ledger, auditKey, log.read()), {
    rows,
    chains: 1,
    checkpoints: { kept: 3, logged: 3 },
    erased: 1,
    unsealed: 0,
    faults: [],
  })
  t.match((await verifyAudit(ledger, 'another key', log.read())).faults, [{ what: /forged/ }, {}, {}, { chain: 'main', place: 1 }])
})

t.test('given an empty ledger, when it is verified, then there are no faults', async (t) => {
  t.match(await verifyAudit(await createOpener(t, 'sqlite::memory:')(), auditKey), { rows: 0, chains: 0, faults: [] })
})

t.test('given a trail of several pages, when two processes write while it is verified, then it is sound each time', async (t) => {
  const open = createOpener(t, `sqlite:${join(await createFolder(t), 'ledger.db')}`)
  const [ledger, otherLedger] = [await open(), await open()]
  await Promise.all(Array.from({ length: 4_400 }, (_, index) => ledger.appendAudit(createDraft(`row ${index}`))))
  let writes = 0
  /** Before each page, one of the two ledgers appends an entry or a checkpoint. */
  const readerWithWrites = {
    ...ledger,
    async *readStoredAudit(chain: string) {
      for await (const page of ledger.readStoredAudit(chain)) {
        const writer = [ledger, otherLedger][writes++ % 2] as Ledger
        await (writes % 3 === 0 ? writer.writeCheckpoint() : writer.appendAudit(createDraft('meanwhile')))
        yield page
      }
    },
  }
  for (let run = 0; run < 6; run++) t.match(await verifyAudit(readerWithWrites, auditKey), { faults: [] })
  t.ok(writes >= 18, 'entries were appended meanwhile')
  t.ok(await isTrailSound(otherLedger))
})

t.test('given a database that was set back to an earlier state, when it is verified, then only the log shows it', async (t) => {
  const folder = await createFolder(t)
  const path = join(folder, 'ledger.db')
  const log = createAuditLog()
  const ledger = await createOpener(t, `sqlite:${path}`)({ onAudit: log.onAudit })
  const openCopy = async (name: string): Promise<Ledger> => {
    const file = new DatabaseSync(path)
    file.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    file.close()
    await copyFile(path, join(folder, name))
    return createOpener(t, `sqlite:${join(folder, name)}`)({ onAudit: log.onAudit })
  }
  await buildTrail([ledger], 5)
  const earlier = await openCopy('earlier.db')
  await buildTrail([ledger], 2)
  const loggedEntries = log.lines.length

  await t.test('given a database that was set back, when it is verified without the log, then no fault is reported', async (t) =>
    t.ok(await isTrailSound(earlier)),
  )
  await t.test('given a database that was set back, when it is verified with the log, then the missing rows are reported', async (t) => {
    const { faults } = await verifyAudit(earlier, auditKey, log.read())
    t.match(faults, [{ chain: 'main', what: `the tail is cut: the log proves that there were ${loggedEntries - 1} rows` }])
  })
  await t.test(
    'given a database that was set back and then written again, when it is verified with the log, then a replaced row is reported',
    async (t) => {
      await buildTrail([earlier], 4)
      t.ok(await isTrailSound(earlier))
      const { faults } = await verifyAudit(earlier, auditKey, readLines(log.lines.slice(0, loggedEntries)))
      t.match(faults, [{ chain: 'main', place: loggedEntries - 1, what: 'the row was replaced: the log proves another one' }])
    },
  )
  await t.test('given a database without rows, when it is verified with the log, then the missing rows are reported', async (t) => {
    const empty = await createOpener(t, 'sqlite::memory:')()
    t.match((await verifyAudit(empty, auditKey, log.read())).faults, [
      { chain: 'main', what: /the tail is cut: the log proves that there were \d+ rows/ },
    ])
  })
})

t.test(
  'given a log with other lines, when the trail is verified with it, then only checkpoints count, and forged ones are reported',
  async (t) => {
    const log = createAuditLog()
    const ledger = await createOpener(t, 'sqlite::memory:')({ onAudit: log.onAudit })
    await buildTrail([ledger], 1)
    const checkpointLine = String(log.lines.find((line) => line.includes('"checkpoint"')))
    const readWith = (...addedLines: string[]) => readLines([...addedLines, ...log.lines])
    const otherLines = [
      '',
      '"checkpoint"',
      'null "checkpoint"',
      '{"status":"checkpoint"}',
      '{"status":"checkpoint","chain":5}',
      '[ "checkpoint" ]',
      checkpointLine.slice(0, -9),
    ]
    t.match(await verifyAudit(ledger, auditKey, readWith(...otherLines)), { faults: [], checkpoints: { logged: 1 } })
    for (const forgedLine of [
      checkpointLine.replace(/"rows":\d+/, '"rows":3'),
      checkpointLine.replace(/"head":"./, '"head":"x'),
      '{"status":"checkpoint","chain":"x","detail":null}',
    ])
      t.match((await verifyAudit(ledger, auditKey, readWith(forgedLine))).faults, [
        { what: 'the log has a checkpoint with a forged signature' },
      ])
  },
)

t.test('given a checkpoint, when it is signed, then the signature is valid for this checkpoint and key only', async (t) => {
  const head = { chain: fc.uuid(), position: fc.nat(), hash: fc.stringMatching(/^[0-9a-f]{64}$/) }
  const checkpointArbitrary = fc.record({ ...head, otherHeads: fc.array(fc.record(head), { maxLength: 3 }) })
  fc.assert(
    fc.property(checkpointArbitrary, checkpointArbitrary, fc.string(), fc.string(), (checkpoint, other, key, otherKey) => {
      fc.pre(key !== otherKey && JSON.stringify(checkpoint) !== JSON.stringify(other))
      const signer = createCheckpointSigner(key)
      const signature = signer.sign(checkpoint)
      return (
        signer.isValid(checkpoint, signature) &&
        !signer.isValid(other, signature) &&
        !createCheckpointSigner(otherKey).isValid(checkpoint, signature)
      )
    }),
    { numRuns: 60 },
  )
  t.equal(parseCheckpoint({ status: 'picked_up', chain: 'main' }), undefined)
})

t.test('given any checkpoint, when its log line is redacted, then it is unchanged', async (t) => {
  const signer = createCheckpointSigner(auditKey)
  for (let position = 0; position < 3_000; position++) {
    const otherHeads = [{ chain: 'other', position, hash: '0'.repeat(64) }]
    const checkpoint = { chain: 'main', position, hash: 'f'.repeat(64), otherHeads }
    const line = JSON.stringify(createCheckpointDraft(checkpoint, signer.sign(checkpoint)))
    if (redact(line) !== line) t.fail(line)
  }
  t.equal(redact('+4915112345678'), '+[number]', 'phone numbers are still redacted')
})
