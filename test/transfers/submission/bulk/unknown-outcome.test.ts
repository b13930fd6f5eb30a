/** A call of a bulk transfer of which it is not known at first whether it was moved (docs/architecture.md#bulk-transfers). */
import fc from 'fast-check'
import t from 'tap'
import { Problem } from '../../../../src/model/problems.ts'
import { judgeOutcome, tryLater } from '../../../../src/transfers/submission/bulk/judge-outcome.ts'
import type { TestContext } from '../../../support/build.ts'
import { startTestSystem } from '../../../support/test-system.ts'
import { listMoved, readBulk, requestBulk, setUpWaitingCalls, waitForBulk, waitUntilDone } from './scene.ts'

// The tests mostly wait, each for a system of its own.
t.jobs = 4

/** The answer to the first command is lost, and the transfer is only resolved after its deadline, which is too late to attempt it again. */
async function setUp(t: TestContext, kind: 'reset-before' | 'reset-after') {
  const system = await startTestSystem(t, { TRANSFER_DEADLINE_MS: '2000' }, { notExecutedAfterMs: kind === 'reset-before' ? 2_000 : 100 })
  const scene = setUpWaitingCalls(system, 3)
  const conversationId = scene.conversationIds[0] ?? ''
  const operation = 'POST /conversations/{id}/participants/{id}/replace/queue'
  system.control.addFault({ operation, conversationId, fault: { kind } })
  return { system, ...scene, conversationId }
}
const hasUnknown = ({ counts }: { counts: { unknown: number } }) => counts.unknown === 1

t.test('given a command that did nothing, when that is known after the deadline, then the call is moved after all', async (t) => {
  const { system, body, conversationIds, conversationId } = await setUp(t, 'reset-before')
  const { id } = await requestBulk(system, body)
  const unclear = await waitForBulk(system, id, hasUnknown, 'the call whose outcome is not known')
  t.match(unclear.calls[0], { state: 'unknown', code: 'OUTCOME_UNKNOWN', transferId: String })
  const done = await waitUntilDone(system, id)
  t.match(done.counts, { moved: 3, unknown: 0 })
  t.same(listMoved(system), [...conversationIds.slice(1), conversationId], 'the calls behind it were not kept waiting')
  t.match(done.calls[0], { state: 'moved', code: null, message: null, transferState: 'initiated' })
  t.not(done.calls[0]?.transferId, unclear.calls[0]?.transferId, 'the first transfer did nothing')
})

t.test('given a command that moved the call, when its answer is lost, then the call is not moved again', async (t) => {
  const { system, body, conversationIds } = await setUp(t, 'reset-after')
  const { id } = await requestBulk(system, body)
  const done = await waitUntilDone(system, id)
  t.match(done.counts, { moved: 3, unknown: 0 })
  t.same(listMoved(system), conversationIds)
})

t.test('given a call whose outcome is not known, when the bulk transfer is cancelled, then it is not asked about again', async (t) => {
  const { system, body, conversationId } = await setUp(t, 'reset-before')
  const { id } = await requestBulk(system, body)
  await waitForBulk(system, id, hasUnknown, 'the call whose outcome is not known')
  const { body: cancelled } = await system.request('POST', `/v1/bulk-transfers/${id}/cancel`)
  t.match(cancelled, { state: 'cancelled' })
  const isResolved = ({ calls }: { calls: Array<{ transferState: string | null }> }) => calls[0]?.transferState === 'rejected'
  await waitForBulk(system, id, isResolved, 'the end of its transfer')
  t.match((await readBulk(system, id)).calls[0], { state: 'unknown', transferState: 'rejected' })
  t.notOk(listMoved(system).includes(conversationId))
})

t.test('given a call that is tried again or asked about, then it is given up after two minutes, and not before', (t) => {
  const problems = {
    OUTCOME_UNKNOWN: new Problem('OUTCOME_UNKNOWN', 'Not known.', { transferId: 'first' }),
    TRANSFER_IN_PROGRESS: new Problem('TRANSFER_IN_PROGRESS', 'Another transfer.', { transferId: 'other' }),
  }
  const expected = {
    OUTCOME_UNKNOWN: { tried: { state: 'unknown', transferId: 'first' }, givenUp: { state: 'unknown', nextAt: 0, transferId: 'first' } },
    TRANSFER_IN_PROGRESS: { tried: { state: 'pending' }, givenUp: { state: 'left', nextAt: 0 } },
  }
  for (const code of ['OUTCOME_UNKNOWN', 'TRANSFER_IN_PROGRESS'] as const) {
    const judgment = judgeOutcome({ outcome: { problem: problems[code] }, replayed: false })
    if (judgment.kind === 'done') throw new Error(`${code} ends the call`)
    fc.assert(
      fc.property(fc.nat(2 ** 41), fc.nat(240_000), (since, elapsedMs) => {
        const now = since + elapsedMs
        const written = tryLater(judgment, since, now)
        t.match(written, expected[code][elapsedMs < 120_000 ? 'tried' : 'givenUp'])
        if (elapsedMs < 120_000) t.ok(written.nextAt > now)
      }),
    )
  }
  t.end()
})
