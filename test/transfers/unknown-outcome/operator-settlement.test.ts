import t from 'tap'
import { accepted, aRecord, asExecuting } from '../../support/record.ts'
import { operationsKey, readerKey, startWorld, usualScene, type World } from '../../support/service.ts'
import { until } from '../../support/until.ts'

const settlerKey = `hk_settler_${'s'.repeat(43)}`

/** A transfer whose command got lost in a platform that tells nothing, as its watch leaves it after the time for proof is over. */
async function indeterminate(world: World, { conversationId, queueId }: { conversationId: string; queueId: string }): Promise<string> {
  const at = Date.now() - 60_000
  const record = aRecord({ conversationId, target: { type: 'queue', queueId }, receivedAt: at, deadlineAt: at + 8_000 })
  const opened = await world.app.ledger.open({ record, identity: record.id, audit: accepted(record) })
  if (opened.outcome !== 'accepted') throw new Error(opened.outcome)
  const executing = asExecuting(opened.record, (await world.conversation(conversationId)).participants, queueId, at)
  await world.app.ledger.record({ record: executing, from: 'accepted' })
  await world.app.ledger.record({ record: { ...executing, state: 'indeterminate', code: 'OUTCOME_UNKNOWN' }, from: 'executing' })
  return record.id
}

t.test('a transfer of which nobody knows whether it moved the call', async (t) => {
  const world = await startWorld(t, {
    API_KEYS: `${settlerKey}:transfers:settle+transfers:read,${operationsKey}:transfers:write+transfers:read+audit:read,${readerKey}:transfers:read`,
  })
  const { scene, ask, transfer, crm } = world
  const asSettler = { authorization: `Bearer ${settlerKey}` }

  t.test(
    'given the right scope and a reason, when an operator settles it, then it is final, audited and told, and the conversation is free again',
    async (t) => {
      const ids = usualScene(scene)
      const id = await indeterminate(world, ids)
      t.match(await transfer({ conversationId: ids.conversationId, target: { type: 'queue', queueId: ids.otherQueueId } }), {
        status: 409,
        body: { code: 'TRANSFER_IN_PROGRESS', transferId: id },
      })
      const settled = await ask(
        'POST',
        `/v1/transfers/${id}/settle`,
        { state: 'rejected', reason: 'the recording shows the caller in the IVR' },
        asSettler,
      )
      t.match(settled, { status: 200, body: { id, state: 'rejected', code: 'EXPIRED' } })
      const {
        body: { entries },
      } = await ask<{ entries: Array<{ status: string; detail: object }> }>('GET', `/v1/transfers/${id}/audit`)
      // The CRM may have been told of it since.
      const own = entries.filter(({ status }) => !status.startsWith('delivery_'))
      t.match(own.at(-1), {
        status: 'rejected',
        detail: { from: 'indeterminate', settledBy: 'settler', reason: 'the recording shows the caller in the IVR' },
      })
      await until(() => crm.about(id).includes('transfer.rejected'))
      t.equal((await transfer({ conversationId: ids.conversationId, target: { type: 'queue', queueId: ids.otherQueueId } })).status, 202)
    },
  )

  t.test('given a call that did move, when an operator says so, then its pickup is watched again', async (t) => {
    const ids = usualScene(scene)
    const id = await indeterminate(world, ids)
    t.match(await ask('POST', `/v1/transfers/${id}/settle`, { state: 'initiated', reason: 'seen in the queue' }, asSettler), {
      status: 200,
      body: { state: 'initiated' },
    })
    scene.transferByFlow(ids.conversationId, { queueId: ids.queueId })
    t.ok(await world.reaches(id, 'picked_up'))
  })

  t.test('given anything else, when it is to be settled, then that is refused', async (t) => {
    const { conversationId, queueId } = usualScene(scene)
    const { body } = await transfer({ conversationId, target: { type: 'queue', queueId } })
    const reason = { state: 'failed', reason: 'because' }
    t.match(
      await ask('POST', `/v1/transfers/${body.id}/settle`, reason, asSettler),
      { status: 409, body: { code: 'INVALID_REQUEST', transferId: body.id } },
      'one that is not indeterminate',
    )
    t.match(await ask('POST', '/v1/transfers/00000000-0000-7000-8000-000000000000/settle', reason, asSettler), { status: 404 })
    t.match(
      await ask('POST', `/v1/transfers/${body.id}/settle`, reason),
      { status: 403, body: { code: 'FORBIDDEN' } },
      'a key without the scope',
    )
    t.match(await ask('POST', `/v1/transfers/${body.id}/settle`, { state: 'picked_up', reason: 'x' }, asSettler), {
      status: 400,
      body: { field: 'state' },
    })
    t.match(await ask('POST', `/v1/transfers/${body.id}/settle`, { state: 'failed' }, asSettler), {
      status: 400,
      body: { field: 'reason' },
    })
  })
})

t.test('given an indeterminate transfer, when the platform tells again, then it settles by itself', async (t) => {
  const world = await startWorld(t)
  const ids = usualScene(world.scene)
  const id = await indeterminate(world, ids)
  const record = await world.app.ledger.transfer(id)
  if (record) world.app.transfers.resume([record])
  t.match(await world.reaches(id, 'rejected'), { code: 'EXPIRED' })
})
