/** A call of which the platform knows nothing any more: it is watched for as long as any other, and not more closely. */
import t from 'tap'
import { setUpIvrCall } from '../../support/calls.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { waitFor } from '../../support/wait-for.ts'

// The tests mostly wait, each for a system of its own.
t.jobs = 4

const readConversation = 'GET /conversations/{id}'

for (const PICKUP_EVENTS of ['on', 'off'])
  for (const priority of [0, 5])
    t.test(
      `given a waiting call with priority ${priority} and events ${PICKUP_EVENTS}, when the platform no longer knows it, then its transfer times out and is no longer watched`,
      async (t) => {
        const system = await startTestSystem(t, { PICKUP_POLL_INTERVAL_MS: '500', PICKUP_TIMEOUT_MS: '4000', PICKUP_EVENTS })
        const { conversationId, queueId, userId } = setUpIvrCall(system.control, ['never'])
        system.control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
        const { body } = await system.postTransfer({ conversationId, target: { type: 'queue', queueId }, priority })
        const fault = { kind: 'status' as const, status: 404 }
        for (const operation of [
          readConversation,
          'PATCH /routing/conversations/{id}',
          'PATCH /conversations/{id}/participants/{id}/attributes',
        ])
          system.control.addFault({ operation, times: 'always', fault })
        const before = system.control.requests().counts[readConversation] ?? 0
        const timedOut = await waitFor(async () => {
          const { body: transfer } = await system.request<{ state: string; code: string; message: string }>(
            'GET',
            `/v1/transfers/${body.id}`,
          )
          return transfer.state !== 'initiated' && transfer
        }, 'the timeout')
        t.match(timedOut, { state: 'timeout', code: 'PICKUP_TIMEOUT', message: /the call is gone\.$/ })
        await waitFor(() => system.app.transfers.watchedTransfers === 0, 'the end of the watch')
        const reads = (system.control.requests().counts[readConversation] ?? 0) - before
        t.ok(reads < 30, `${reads} reads`)
      },
    )
