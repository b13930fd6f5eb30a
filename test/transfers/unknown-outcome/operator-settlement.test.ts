/** An operator settles an indeterminate transfer: who may do that, and what follows from it. */
import t from 'tap'
import { writeIndeterminate } from '../../support/indeterminate-transfer.ts'
import { operationsKey, readerKey } from '../../support/settings.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { setUpIvrCall } from '../../support/calls.ts'
import { waitFor } from '../../support/wait-for.ts'

const settlerKey = `hk_settler_${'s'.repeat(43)}`

t.test('given an indeterminate transfer', async (t) => {
  const system = await startTestSystem(t, {
    API_KEYS: `${settlerKey}:transfers:settle+transfers:read,${operationsKey}:transfers:write+transfers:read+audit:read,${readerKey}:transfers:read`,
  })
  const { control, request, postTransfer, crm } = system
  const asSettler = { authorization: `Bearer ${settlerKey}` }

  t.test(
    'when an operator settles it with the scope and a reason, then it is final, audited and sent to the CRM, and the conversation is free again',
    async (t) => {
      const ids = setUpIvrCall(control)
      const id = await writeIndeterminate(system, ids)
      t.match(await postTransfer({ conversationId: ids.conversationId, target: { type: 'queue', queueId: ids.otherQueueId } }), {
        status: 409,
        body: { code: 'TRANSFER_IN_PROGRESS', transferId: id },
      })
      const settled = await request(
        'POST',
        `/v1/transfers/${id}/settle`,
        { state: 'rejected', reason: 'the recording shows the caller in the IVR' },
        asSettler,
      )
      t.match(settled, { status: 200, body: { id, state: 'rejected', code: 'EXPIRED' } })
      const {
        body: { entries },
      } = await request<{ entries: Array<{ status: string; detail: object }> }>('GET', `/v1/transfers/${id}/audit`)
      // A delivery to the CRM may have added a later entry.
      const transferEntries = entries.filter(({ status }) => !status.startsWith('delivery_'))
      t.match(transferEntries.at(-1), {
        status: 'rejected',
        detail: { from: 'indeterminate', settledBy: 'settler', reason: 'the recording shows the caller in the IVR' },
      })
      await waitFor(() => crm.eventTypesFor(id).includes('transfer.rejected'))
      t.equal(
        (await postTransfer({ conversationId: ids.conversationId, target: { type: 'queue', queueId: ids.otherQueueId } })).status,
        202,
      )
    },
  )

  t.test('when an operator says that the call moved, then the transfer waits for the pickup and records it', async (t) => {
    const ids = setUpIvrCall(control)
    const id = await writeIndeterminate(system, ids)
    t.match(await request('POST', `/v1/transfers/${id}/settle`, { state: 'initiated', reason: 'seen in the queue' }, asSettler), {
      status: 200,
      body: { state: 'initiated' },
    })
    control.transferByFlow(ids.conversationId, { queueId: ids.queueId })
    t.ok(await system.waitForState(id, 'picked_up'))
  })

  t.test('when the transfer, the key or the request does not allow a settlement, then it is refused', async (t) => {
    const { conversationId, queueId } = setUpIvrCall(control)
    const { body } = await postTransfer({ conversationId, target: { type: 'queue', queueId } })
    const settlement = { state: 'failed', reason: 'because' }
    t.match(
      await request('POST', `/v1/transfers/${body.id}/settle`, settlement, asSettler),
      { status: 409, body: { code: 'STATE_CONFLICT', transferId: body.id } },
      'a transfer that is not indeterminate',
    )
    t.match(await request('POST', '/v1/transfers/00000000-0000-7000-8000-000000000000/settle', settlement, asSettler), { status: 404 })
    t.match(
      await request('POST', `/v1/transfers/${body.id}/settle`, settlement),
      { status: 403, body: { code: 'FORBIDDEN' } },
      'a key without the scope',
    )
    t.match(await request('POST', `/v1/transfers/${body.id}/settle`, { state: 'picked_up', reason: 'x' }, asSettler), {
      status: 400,
      body: { field: 'state' },
    })
    t.match(await request('POST', `/v1/transfers/${body.id}/settle`, { state: 'failed' }, asSettler), {
      status: 400,
      body: { field: 'reason' },
    })
  })
})

t.test('given an indeterminate transfer, when the platform answers again, then it is resolved without an operator', async (t) => {
  const system = await startTestSystem(t)
  const ids = setUpIvrCall(system.control)
  const id = await writeIndeterminate(system, ids)
  const record = await system.app.ledger.findTransfer(id)
  if (record) system.app.transfers.resume([record])
  t.match(await system.waitForState(id, 'rejected'), { code: 'EXPIRED' })
})
