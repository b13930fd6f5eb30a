/** A summary that cannot be written never keeps a call from being moved. It is written later if the failure passes, and the audit trail says what came of it. */
import t from 'tap'
import type { FaultOptions } from '../../../src/simulator/control/fault-options.ts'
import { waitFor } from '../../support/wait-for.ts'
import { attributesOperation, startScene, type Scene } from './scene.ts'

t.setTimeout(240_000)
// The tests mostly wait, each for a system of its own.
t.jobs = 4

const fields = { summary: 'Wants a refund.', reason: 'billing.refund' }
const written = { handoffSummary1: 'Wants a refund.', handoffReason: 'billing.refund' }
type Fault = NonNullable<FaultOptions['fault']>

function failWrites({ control }: Scene, fault: Fault, times: number | 'always' = 1): void {
  control.addFault({ operation: attributesOperation, times, fault })
}
const findEntry = async ({ readAudit }: Scene, id: string, status: string) => (await readAudit(id)).find((entry) => entry.status === status)
const readToken = async ({ getConversation }: Scene, conversationId: string) =>
  (await getConversation(conversationId)).participants.find(({ purpose }) => purpose === 'customer')?.attributes?.['loopPreventionToken']

for (const mode of ['execute', 'decide'] as const)
  for (const loopGuard of ['on', 'off'])
    for (const [failure, fault] of [
      ['fails with 503', { kind: 'status', status: 503 }],
      ['is not answered', { kind: 'silence', acts: false }],
      ['is throttled', { kind: 'rate-limited', retryAfterSeconds: 1 }],
    ] as const satisfies Array<[string, Fault]>)
      t.test(
        `given a write before the move that ${failure} (${mode}, LOOP_GUARD_ATTRIBUTES=${loopGuard}), then the summary is written after the move`,
        async (t) => {
          const scene = await startScene(
            t,
            { LOOP_GUARD_ATTRIBUTES: loopGuard },
            fault.kind === 'silence' ? { optionalCallTimeoutMs: 1_500 } : {},
          )
          const { control, conversationId, queueId, postTransfer, waitForState, logLines } = scene
          failWrites(scene, fault)
          const { status, body } = await postTransfer({ conversationId, target: { type: 'queue', queueId }, mode, ...fields })
          t.equal(status, 202, 'the caller is not left behind')
          if (mode === 'decide') control.transferByFlow(conversationId, { queueId })
          await waitForState(body.id, 'initiated')
          t.match(await scene.waitUntilUpdated(body.id), { attributes: 'done', mirror: 'done' })
          t.match(await scene.readAttributes(conversationId), written)
          t.equal(scene.countWrites(conversationId), 2, 'the loop guard needs no third request')
          t.equal(typeof (await readToken(scene, conversationId)) === 'string', loopGuard === 'on')
          const entry = await findEntry(scene, body.id, mode === 'decide' ? 'decided' : 'executing')
          t.match(entry, { detail: { context: false, attributes: 'pending', attributesFailure: /^setAttributes: / } })
          const statuses = (await scene.readAudit(body.id)).map((each) => each.status)
          t.equal(statuses.filter((each) => each === 'attributes_written').length, 1)
          t.equal(statuses.includes('loop_guard_mirrored'), loopGuard === 'on')
          t.ok(
            logLines.some(
              (line) => line['message'] === 'the attributes of a transfer could not be written' && line['transferId'] === body.id,
            ),
          )
        },
      )

for (const loopGuard of ['on', 'off'])
  t.test(
    `given a write that the platform refuses (LOOP_GUARD_ATTRIBUTES=${loopGuard}), then it is not tried again, and the audit trail says so`,
    async (t) => {
      const scene = await startScene(t, { LOOP_GUARD_ATTRIBUTES: loopGuard })
      const { conversationId, queueId, postTransfer, waitForState } = scene
      failWrites(scene, { kind: 'status', status: 400 })
      const { body } = await postTransfer({ conversationId, target: { type: 'queue', queueId }, ...fields })
      await waitForState(body.id, 'initiated')
      t.match(await scene.waitUntilUpdated(body.id), { attributes: 'refused', mirror: 'done' })
      t.match(await findEntry(scene, body.id, 'executing'), { detail: { attributes: 'refused', attributesFailure: /400/ } })
      t.equal(scene.countWrites(conversationId), loopGuard === 'on' ? 2 : 1, 'the loop guard is written all the same')
      t.strictSame(await scene.readAttributes(conversationId), {})
    },
  )

t.test('given a summary that the platform refuses together with the loop guard, then the loop guard is written alone', async (t) => {
  const scene = await startScene(t)
  const { conversationId, queueId, postTransfer } = scene
  failWrites(scene, { kind: 'status', status: 503 })
  failWrites(scene, { kind: 'status', status: 400 })
  const { body } = await postTransfer({ conversationId, target: { type: 'queue', queueId }, ...fields })
  t.match(await scene.waitUntilUpdated(body.id), { attributes: 'refused', mirror: 'done' })
  t.ok(await readToken(scene, conversationId))
  t.match(await findEntry(scene, body.id, 'attributes_not_written'), { detail: { reason: /400/ } })
  t.equal(scene.countWrites(conversationId), 3)
})

t.test('given a write that was not answered but carried out, then it is repeated, which changes nothing', async (t) => {
  const scene = await startScene(t, { LOOP_GUARD_ATTRIBUTES: 'off' }, { optionalCallTimeoutMs: 1_500 })
  const { conversationId, queueId, postTransfer } = scene
  failWrites(scene, { kind: 'silence', acts: true })
  const { body } = await postTransfer({ conversationId, target: { type: 'queue', queueId }, ...fields })
  t.match(await scene.waitUntilUpdated(body.id), { state: 'initiated', attributes: 'done' })
  t.match(await scene.readAttributes(conversationId), written)
})

t.test(
  'given a summary that is still to be written, when the conversation has a newer transfer, then it is not written any more',
  async (t) => {
    const scene = await startScene(t, { LOOP_GUARD_ATTRIBUTES: 'off' })
    const { control, conversationId, queueId, otherQueueId, postTransfer, app } = scene
    failWrites(scene, { kind: 'status', status: 503 }, 'always')
    const { body: older } = await postTransfer({ conversationId, target: { type: 'queue', queueId }, ...fields })
    t.match(await app.ledger.findTransfer(older.id), { state: 'initiated', attributes: 'pending' })
    const writesBefore = await waitFor(
      () => scene.countWrites(conversationId) > 1 && scene.countWrites(conversationId),
      'a write after the move',
    )
    // The older transfer goes on until the flow has followed the newer decision, and so do its tries to write.
    const { body: newer } = await postTransfer({
      conversationId,
      target: { type: 'queue', queueId: otherQueueId },
      mode: 'decide',
      summary: 'Wants a manager now.',
    })
    t.equal(newer.state, 'decided')
    const writesOfBoth = scene.countWrites(conversationId)
    t.ok(writesOfBoth > writesBefore)
    control.clearFaults()
    t.match(await scene.waitUntilUpdated(older.id), { state: 'initiated', attributes: 'too_late' })
    t.match(await findEntry(scene, older.id, 'attributes_not_written'), { detail: { reason: 'the conversation has a newer transfer' } })
    t.strictSame(await scene.readAttributes(conversationId), {})
  },
)
