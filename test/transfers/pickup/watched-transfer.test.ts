import t from 'tap'
import type { TransferRecord } from '../../../src/model/transfer.ts'
import {
  createWatchedTransfer,
  firstStepDelay,
  reportResolved,
  restart,
  unknownPause,
  updateHeld,
  updatePause,
} from '../../../src/transfers/pickup/watched-transfer.ts'
import { createTestRecord } from '../../support/transfer-record.ts'

const lease = { isValid: () => true }
const start = { now: 1_000, pollIntervalMs: 2_000, lease }
const initiated = createTestRecord({ state: 'initiated', initiatedAt: 1_000 })
const executing = createTestRecord({ state: 'executing' })
const updated: TransferRecord = { ...initiated, routing: 'done', mirror: 'done' }

t.test('given a call with pending updates, then its record is held until nothing is pending', async (t) => {
  const watched = createWatchedTransfer(initiated, start)
  t.match(watched, { pollAt: 3_000, held: { record: initiated, lease } })
  updateHeld(watched, { ...initiated, routing: 'done' })
  t.match(watched.held?.record, { routing: 'done' })
  updateHeld(watched, updated)
  t.equal(watched.held, undefined)
  updateHeld(watched, initiated)
  t.equal(watched.held, undefined, 'a record that was let go is read from the ledger')
})

t.test('given any other transfer, then its record stays in the ledger', async (t) => {
  for (const record of [executing, updated]) t.equal(createWatchedTransfer(record, start).held, undefined)
})

t.test('given a transfer, then the first step comes soon when there is something to do, otherwise at the interval', async (t) => {
  t.equal(firstStepDelay(initiated, 2_000), 150)
  t.equal(firstStepDelay(executing, 2_000), 150)
  t.equal(firstStepDelay({ ...executing, state: 'indeterminate' }, 2_000), 150)
  t.equal(firstStepDelay(updated, 2_000), 2_000)
})

t.test('given a subscribed topic, then only a call on which nothing is wanted waits a little longer for an event', async (t) => {
  const target = {
    queueId: 'q',
    userId: null,
    skillIds: [],
    languageId: null,
    address: null,
    priority: 0,
    usedFallback: false,
    preferredUserIds: [],
    scheduledAt: null,
  }
  const toQueue = (fields: object): TransferRecord => ({ ...initiated, resolvedTarget: { type: 'queue', ...target, ...fields } })
  t.equal(firstStepDelay(toQueue({}), 2_000, true), 500)
  t.equal(firstStepDelay(toQueue({}), 2_000, false), 150)
  for (const wanted of [{ priority: 1 }, { skillIds: ['s'] }, { languageId: 'es' }])
    t.equal(firstStepDelay(toQueue(wanted), 2_000, true), 150)
  t.equal(firstStepDelay({ ...toQueue({}), routing: 'done' }, 2_000, true), 150, 'only the attributes are pending')
  t.equal(firstStepDelay({ ...toQueue({}), routing: 'done', mirror: 'done' }, 2_000, true), 2_000)
})

t.test('given updates that are tried again and again, then the pauses grow to two seconds', async (t) => {
  const watched = createWatchedTransfer(initiated, start)
  const pauses = Array.from({ length: 7 }, (_, updateTries) => updatePause({ ...watched, updateTries }))
  t.strictSame(pauses, [150, 250, 400, 700, 1_000, 2_000, 2_000])
})

t.test('given an unknown outcome, then the pauses between reads grow by half, up to thirty seconds', async (t) => {
  const watched = createWatchedTransfer(executing, start)
  t.strictSame(
    [0, 1, 2, 100].map((polls) => unknownPause({ ...watched, polls })),
    [200, 300, 450, 30_000],
  )
})

t.test('given a waiting caller, then it is told once the transfer has left executing', async (t) => {
  const told: TransferRecord[] = []
  const watched = createWatchedTransfer(executing, start, (record) => void told.push(record))
  reportResolved(watched, executing)
  t.strictSame(told, [])
  reportResolved(watched, initiated)
  t.strictSame(told, [initiated])
})

t.test('given another attempt, then watching starts anew, and the waiting caller goes on waiting', async (t) => {
  const watched = createWatchedTransfer(executing, start, () => {})
  Object.assign(watched, { polls: 9, updateTries: 3 })
  restart(watched, executing, { ...start, now: 50_000 })
  t.match(watched, { polls: 0, updateTries: 0, pollAt: 52_000, unknownSince: 50_000 })
  t.ok(watched.onResolved)
})
