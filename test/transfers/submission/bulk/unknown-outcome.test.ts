/** A call of a bulk transfer of which it is not known at first whether it was moved (docs/architecture.md#bulk-transfers). */
import fc from 'fast-check'
import t from 'tap'
import { Problem } from '../../../../src/model/problems.ts'
import { judgeOutcome, tryLater } from '../../../../src/transfers/submission/bulk/judge-outcome.ts'
import type { TestContext } from '../../../support/build.ts'
import { startTestSystem } from '../../../support/test-system.ts'
import { waitFor } from '../../../support/wait-for.ts'
import { listMoved, requestBulk, setUpWaitingCalls, waitForBulk, waitUntilDone } from './scene.ts'

// The tests mostly wait, each for a system of its own.
t.jobs = 4

const readConversation = 'GET /conversations/{id}'
const command = 'POST /conversations/{id}/participants/{id}/replace/queue'

/** A queue whose first command is not answered before its deadline; whether it acted is known only after that, when it is too late to attempt it again. */
async function setUp(t: TestContext, acts: boolean, count = 3) {
  const system = await startTestSystem(t, { TRANSFER_DEADLINE_MS: '2000' }, { notExecutedAfterMs: 2_000 })
  const scene = setUpWaitingCalls(system, count)
  const conversationId = scene.conversationIds[0] ?? ''
  system.control.addFault({ operation: command, conversationId, fault: { kind: 'silence', acts } })
  const { client } = system.app.genesys
  const { replaceWithQueue } = client
  client.replaceWithQueue = (...parameters) => {
    client.replaceWithQueue = replaceWithQueue
    // A move would be found in the conversation at once.
    if (acts) system.control.addFault({ operation: readConversation, conversationId, times: 'always', fault: { kind: 'silence' } })
    return replaceWithQueue(...parameters)
  }
  const { id } = await requestBulk(system, scene.body)
  const unclear = await waitForBulk(system, id, ({ calls }) => calls[0]?.state === 'unknown', 'the call whose outcome is not known')
  return { system, ...scene, conversationId, id, unclear: unclear.calls[0] }
}

t.test('given a command that did nothing, when that is known after the deadline, then the call is moved after all', async (t) => {
  const { system, conversationIds, id, unclear } = await setUp(t, false)
  t.match(unclear, { state: 'unknown', code: 'OUTCOME_UNKNOWN', transferId: String })
  const done = await waitUntilDone(system, id)
  t.match(done.counts, { moved: 3, unknown: 0 })
  t.same(listMoved(system).toSorted(), conversationIds.toSorted(), 'each is moved once')
  t.match(done.calls[0], { state: 'moved', code: null, message: null, transferState: 'initiated' })
  t.not(done.calls[0]?.transferId, unclear?.transferId, 'the first transfer did nothing')
})

t.test('given a command that moved the call, when that is known after the deadline, then the call is not moved again', async (t) => {
  const { system, conversationIds, id, unclear } = await setUp(t, true)
  system.control.clearFaults()
  const done = await waitUntilDone(system, id)
  t.match(done.counts, { moved: 3, unknown: 0 })
  t.same(listMoved(system).toSorted(), conversationIds.toSorted(), 'each is moved once')
  t.equal(done.calls[0]?.transferId, unclear?.transferId)
})

t.test('given a call whose outcome is not known, when the bulk transfer is cancelled, then it is not asked about again', async (t) => {
  const { system, conversationId, id } = await setUp(t, false)
  const { body: cancelled } = await system.request('POST', `/v1/bulk-transfers/${id}/cancel`)
  t.match(cancelled, { state: 'cancelled' })
  const isResolved = ({ calls }: { calls: Array<{ transferState: string | null }> }) => calls[0]?.transferState === 'rejected'
  await waitForBulk(system, id, isResolved, 'the end of its transfer')
  const call = await waitFor(async () => {
    const stored = (await system.app.ledger.findBulkTransfer(id))?.calls[0]
    return stored?.nextAt === 0 && stored
  }, 'the end of the questions')
  t.match(call, { state: 'unknown', transferState: 'rejected' })
  t.notOk(listMoved(system).includes(conversationId))
})

t.test('given more calls than the platform lists, when one of them stays unknown, then the others are moved meanwhile', async (t) => {
  const { system, conversationIds, conversationId, id } = await setUp(t, false, 130)
  // What became of the first call cannot be found out.
  system.control.addFault({
    operation: readConversation,
    conversationId,
    times: 'always',
    fault: { kind: 'status', status: 503 },
  })
  const isPassed = ({ counts }: { counts: { moved: number } }) => counts.moved === 129
  const passed = await waitForBulk(system, id, isPassed, 'the calls that the platform had not listed')
  t.not(passed.calls[0]?.state, 'moved')
  t.same(listMoved(system).toSorted(), conversationIds.slice(1).toSorted(), 'each is moved once')
  t.equal((await system.request('POST', `/v1/bulk-transfers/${id}/cancel`)).status, 200)
})

t.test(
  'given a call whose commands always fail, when that is known before its deadline, then the calls behind it get their turn',
  async (t) => {
    const system = await startTestSystem(t, { TRANSFER_DEADLINE_MS: '8000' })
    const { body, conversationIds } = setUpWaitingCalls(system, 3)
    const fault = { kind: 'status', status: 500 } as const
    system.control.addFault({ operation: command, conversationId: String(conversationIds[0]), times: 'always', fault })
    const { id } = await requestBulk(system, body)
    const passed = await waitForBulk(system, id, ({ counts }) => counts.moved === 2, 'the calls behind it')
    t.match(passed.calls[0], { state: /pending|moving/, code: 'EXPIRED' })
    system.control.clearFaults()
    t.match((await waitUntilDone(system, id)).counts, { moved: 3 })
    t.same(listMoved(system).toSorted(), conversationIds.toSorted(), 'each is moved once')
  },
)

const judge = (code: 'OUTCOME_UNKNOWN' | 'TRANSFER_IN_PROGRESS', transferId: string) => {
  const judgment = judgeOutcome({ outcome: { problem: new Problem(code, 'Test.', { transferId }) }, replayed: false })
  if (judgment.kind === 'done') throw new Error(`${code} ends the call`)
  return judgment
}
const anySince = fc.nat(2 ** 41)
const twoMinutesMs = 120_000

t.test('given a call that cannot be moved now, then it is tried again for two minutes, and left then', (t) => {
  fc.assert(
    fc.property(anySince, fc.nat(2 * twoMinutesMs), (since, elapsedMs) => {
      const now = since + elapsedMs
      const written = tryLater(judge('TRANSFER_IN_PROGRESS', 'other'), { transferId: null }, since, now)
      if (elapsedMs >= twoMinutesMs) t.match(written, { state: 'left', nextAt: 0 })
      else t.ok(written.state === 'pending' && written.nextAt > now)
    }),
  )
  t.end()
})

t.test('given a call whose outcome is not known, then no transfer of it is given up before it was asked about, and asking ends', (t) => {
  fc.assert(
    fc.property(anySince, fc.nat(3 * twoMinutesMs), fc.boolean(), (since, elapsedMs, wasAskedAbout) => {
      const now = since + elapsedMs
      const written = tryLater(judge('OUTCOME_UNKNOWN', 'second'), { transferId: wasAskedAbout ? 'second' : 'first' }, since, now)
      t.match(written, { state: 'unknown', code: 'OUTCOME_UNKNOWN', transferId: 'second' })
      const isGivenUp = elapsedMs >= (wasAskedAbout ? twoMinutesMs : 300_000)
      t.equal(written.nextAt === 0, isGivenUp)
      if (!isGivenUp)
        t.ok(written.nextAt >= now + (wasAskedAbout ? 5_000 : Math.max(5_000, elapsedMs)), 'a further transfer begins later each time')
    }),
  )
  t.end()
})
