import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import t from 'tap'
import { checkpointDraft, checkpointIn, checkpointKey } from '../../../src/ledger/audit/checkpoint.ts'
import { verifyAudit } from '../../../src/ledger/audit/verification.ts'
import { auditInEcs } from '../../../src/telemetry/ecs.ts'
import type { AuditEntry, Ledger } from '../../../src/ledger/ledger.ts'
import { createLog, redact } from '../../../src/telemetry/log.ts'
import { buildTrail } from './tampering-scene.ts'
import { opener, type Test } from '../conformance.ts'
import { auditKey, draft, sound } from '../scene.ts'

t.setTimeout(120_000)

async function folderFor(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'handoff-verification-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** The service's log of audit rows, by the service's own way of writing it. */
function logOf(): { lines: string[]; onAudit: (entry: AuditEntry) => void; read: () => AsyncGenerator<string> } {
  const lines: string[] = []
  const log = createLog('info', { destination: { write: (line: string) => void lines.push(line) } })
  return {
    lines,
    onAudit: (entry) => log.info({ audit: true, ...auditInEcs(entry) }, `audit ${entry.status}`),
    async *read() {
      yield* lines
    },
  }
}

t.test('given a trail with everything in it, then it is sound, and what is in it is counted', async (t) => {
  const log = logOf()
  const ledger = await opener(t, 'sqlite::memory:')({ onAudit: log.onAudit })
  await buildTrail([ledger], 13)
  const rows = log.lines.length
  t.same(await verifyAudit(ledger, auditKey, log.read()), {
    rows,
    chains: 1,
    checkpoints: { kept: 3, logged: 3 },
    erased: 1,
    faults: [],
  })
  t.match((await verifyAudit(ledger, 'another key', log.read())).faults, [{ what: /forged/ }, {}, {}, { chain: 'main', place: 1 }])
})

t.test('given an empty ledger, then there is nothing to find', async (t) => {
  t.match(await verifyAudit(await opener(t, 'sqlite::memory:')(), auditKey), { rows: 0, chains: 0, faults: [] })
})

t.test('given a trail of several pages, when another process writes on while it is verified, then it is sound each time', async (t) => {
  const open = opener(t, `sqlite:${join(await folderFor(t), 'ledger.db')}`)
  const [ledger, other] = [await open(), await open()]
  await Promise.all(Array.from({ length: 4_400 }, (_, place) => ledger.note(draft(`row ${place}`))))
  let written = 0
  /** Something is written before each page, now by this process, now by the other. */
  const look = {
    ...ledger,
    async *storedAudit(chain: string) {
      for await (const page of ledger.storedAudit(chain)) {
        const writer = [ledger, other][written++ % 2] as Ledger
        await (written % 3 === 0 ? writer.checkpoint() : writer.note(draft('meanwhile')))
        yield page
      }
    },
  }
  for (let times = 0; times < 6; times++) t.match(await verifyAudit(look, auditKey), { faults: [] })
  t.ok(written >= 18, 'there was writing')
  t.ok(await sound(other))
})

t.test('given a store that is set back to an earlier state', async (t) => {
  const folder = await folderFor(t)
  const path = join(folder, 'ledger.db')
  const log = logOf()
  const ledger = await opener(t, `sqlite:${path}`)({ onAudit: log.onAudit })
  const copied = async (name: string): Promise<Ledger> => {
    const file = new DatabaseSync(path)
    file.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    file.close()
    await copyFile(path, join(folder, name))
    return opener(t, `sqlite:${join(folder, name)}`)({ onAudit: log.onAudit })
  }
  await buildTrail([ledger], 5)
  const earlier = await copied('earlier.db')
  await buildTrail([ledger], 2)
  const checkpointed = log.lines.length

  await t.test('then the store alone cannot tell', async (t) => t.ok(await sound(earlier)))
  await t.test('then the log tells of what was cut', async (t) => {
    const { faults } = await verifyAudit(earlier, auditKey, log.read())
    t.match(faults, [{ chain: 'main', what: `the tail is cut: the log tells of ${checkpointed - 1} rows` }])
  })
  await t.test('then the log tells of another past also when the service went on writing', async (t) => {
    await buildTrail([earlier], 4)
    t.ok(await sound(earlier))
    const before = log.lines.slice(0, checkpointed)
    const { faults } = await verifyAudit(
      earlier,
      auditKey,
      (async function* () {
        yield* before
      })(),
    )
    t.match(faults, [{ chain: 'main', place: checkpointed - 1, what: 'another row is here than the log tells of' }])
  })
  await t.test('then the log tells also where all of it is gone', async (t) => {
    const empty = await opener(t, 'sqlite::memory:')()
    t.match((await verifyAudit(empty, auditKey, log.read())).faults, [
      { chain: 'main', what: /the tail is cut: the log tells of \d+ rows/ },
    ])
  })
})

t.test('given lines of all sorts in a log, then only checkpoints count, and forged ones are told', async (t) => {
  const log = logOf()
  const ledger = await opener(t, 'sqlite::memory:')({ onAudit: log.onAudit })
  await buildTrail([ledger], 1)
  const line = String(log.lines.find((one) => one.includes('"checkpoint"')))
  const lines = (...more: string[]) =>
    (async function* () {
      yield* [...more, ...log.lines]
    })()
  const nonsense = [
    '',
    '"checkpoint"',
    'null "checkpoint"',
    '{"status":"checkpoint"}',
    '{"status":"checkpoint","chain":5}',
    '[ "checkpoint" ]',
    line.slice(0, -9),
  ]
  t.match(await verifyAudit(ledger, auditKey, lines(...nonsense)), { faults: [], checkpoints: { logged: 1 } })
  for (const forged of [
    line.replace(/"rows":\d+/, '"rows":3'),
    line.replace(/"head":"./, '"head":"x'),
    '{"status":"checkpoint","chain":"x","detail":null}',
  ])
    t.match((await verifyAudit(ledger, auditKey, lines(forged))).faults, [{ what: 'the log has a checkpoint with a forged signature' }])
})

t.test('given a checkpoint, when it is signed, then it holds for its own head and key only', async (t) => {
  const end = { chain: fc.uuid(), place: fc.nat(), hash: fc.stringMatching(/^[0-9a-f]{64}$/) }
  const head = fc.record({ ...end, ends: fc.array(fc.record(end), { maxLength: 3 }) })
  fc.assert(
    fc.property(head, head, fc.string(), fc.string(), (one, other, key, otherKey) => {
      fc.pre(key !== otherKey && JSON.stringify(one) !== JSON.stringify(other))
      const signer = checkpointKey(key)
      const signature = signer.signature(one)
      return signer.holds(one, signature) && !signer.holds(other, signature) && !checkpointKey(otherKey).holds(one, signature)
    }),
    { numRuns: 60 },
  )
  t.equal(checkpointIn({ status: 'picked_up', chain: 'main' }), undefined)
})

t.test('given any checkpoint, then the log writes it as it is', async (t) => {
  const signer = checkpointKey(auditKey)
  for (let place = 0; place < 3_000; place++) {
    const checkpoint = { chain: 'main', place, hash: 'f'.repeat(64), ends: [{ chain: 'other', place, hash: '0'.repeat(64) }] }
    const line = JSON.stringify(checkpointDraft(checkpoint, signer.signature(checkpoint)))
    if (redact(line) !== line) t.fail(line)
  }
  t.equal(redact('+4915112345678'), '+[number]', 'which scrubs what it must')
})
