/** What is kept in memory for a watched transfer, and how long it waits until its next step. */
import t from 'tap'
import { toStoredTarget, type ResolvedTarget } from '../../../src/model/target.ts'
import type { TransferRecord } from '../../../src/model/transfer.ts'
import {
  createWatchedTransfer,
  firstStepDelayMs,
  reportResolved,
  restart,
  unknownPauseMs,
  updateCached,
  updatePauseMs,
} from '../../../src/transfers/pickup/watched-transfer.ts'
import { createTestRecord } from '../../support/transfer-record.ts'

const lease = { isValid: () => true }
const start = { now: 1_000, pollIntervalMs: 2_000, lease }
const initiated = createTestRecord({ state: 'initiated', initiatedAt: 1_000 })
const executing = createTestRecord({ state: 'executing' })
const updated: TransferRecord = { ...initiated, routing: 'done', mirror: 'done' }

t.test('given a call with pending updates, then its record is cached until nothing is pending', async (t) => {
  const watched = createWatchedTransfer(initiated, start)
  t.match(watched, { pollAt: 3_000, cached: { record: initiated, lease } })
  updateCached(watched, { ...initiated, routing: 'done' })
  t.match(watched.cached?.record, { routing: 'done' })
  updateCached(watched, updated)
  t.equal(watched.cached, undefined)
  updateCached(watched, initiated)
  t.equal(watched.cached, undefined, 'a record that was let go is not cached again')
})

t.test('given any other transfer, then its record stays in the ledger', async (t) => {
  for (const record of [executing, updated]) t.equal(createWatchedTransfer(record, start).cached, undefined)
})

t.test('given a transfer, then the first step comes soon when there is something to do, otherwise at the interval', async (t) => {
  t.equal(firstStepDelayMs(initiated, 2_000), 150)
  t.equal(firstStepDelayMs(executing, 2_000), 150)
  t.equal(firstStepDelayMs({ ...executing, state: 'indeterminate' }, 2_000), 150)
  t.equal(firstStepDelayMs(updated, 2_000), 2_000)
})

t.test(
  'given a subscribed topic, then the first step waits longer for an event, unless skills, language or priority are wanted',
  async (t) => {
    const target: ResolvedTarget = { type: 'queue', queueId: 'q', skillIds: [], languageId: null, priority: 0, usedFallback: false }
    const toQueue = (fields: object): TransferRecord => ({ ...initiated, resolvedTarget: toStoredTarget({ ...target, ...fields }) })
    t.equal(firstStepDelayMs(toQueue({}), 2_000, true), 500)
    t.equal(firstStepDelayMs(toQueue({}), 2_000, false), 150)
    for (const wanted of [{ priority: 1 }, { skillIds: ['s'] }, { languageId: 'es' }])
      t.equal(firstStepDelayMs(toQueue(wanted), 2_000, true), 150)
    t.equal(firstStepDelayMs({ ...toQueue({}), routing: 'done' }, 2_000, true), 150, 'only the attributes are pending')
    t.equal(firstStepDelayMs({ ...toQueue({}), routing: 'done', mirror: 'done' }, 2_000, true), 2_000)
  },
)

t.test('given updates that are tried again, then the pauses grow to two seconds', async (t) => {
  const watched = createWatchedTransfer(initiated, start)
  const pauses = Array.from({ length: 7 }, (_, updateTries) => updatePauseMs({ ...watched, updateTries }))
  t.strictSame(pauses, [150, 250, 400, 700, 1_000, 2_000, 2_000])
})

t.test('given an unknown outcome, then the pauses between reads grow by half, up to thirty seconds', async (t) => {
  const watched = createWatchedTransfer(executing, start)
  t.strictSame(
    [0, 1, 2, 100].map((polls) => unknownPauseMs({ ...watched, polls })),
    [200, 300, 450, 30_000],
  )
})

t.test('given a request that waits for an unknown outcome, then it gets the record once the transfer has left executing', async (t) => {
  const reported: TransferRecord[] = []
  const watched = createWatchedTransfer(executing, start, (record) => void reported.push(record))
  reportResolved(watched, executing)
  t.strictSame(reported, [])
  reportResolved(watched, initiated)
  t.strictSame(reported, [initiated])
})

t.test('given another attempt, then polls and tries are counted from zero, and the waiting request still waits', async (t) => {
  const watched = createWatchedTransfer(executing, start, () => {})
  Object.assign(watched, { polls: 9, updateTries: 3 })
  restart(watched, executing, { ...start, now: 50_000 })
  t.match(watched, { polls: 0, updateTries: 0, pollAt: 52_000, unknownSince: 50_000 })
  t.ok(watched.onResolved)
})
