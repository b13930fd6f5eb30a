import t from 'tap'
import { keepCommands, startWorld, usualScene, waitsIn } from '../../support/service.ts'
import { until } from '../../support/until.ts'

t.test('repeated requests', async (t) => {
  const world = await startWorld(t)
  const { scene, transfer, reaches, conversation } = world
  const counts = (answers: Array<{ status: number }>) =>
    answers.reduce<Record<number, number>>((sum, { status }) => ({ ...sum, [status]: (sum[status] ?? 0) + 1 }), {})

  t.test('given a key that was answered, when the request comes again, then it gets the stored answer and nothing moves', async (t) => {
    const { conversationId, queueId } = usualScene(scene)
    const body = { conversationId, target: { type: 'queue', queueId } }
    const first = await transfer(body, { 'idempotency-key': 'one' })
    await reaches(first.body.id, 'picked_up')
    const second = await transfer({ target: { queueId, type: 'queue' }, conversationId }, { 'idempotency-key': 'one' })
    t.strictSame(second.body, first.body, 'whatever the order of the fields, and whatever became of it since')
    t.equal(second.status, 202)
    t.equal(second.headers.get('idempotent-replayed'), 'true')
    t.equal(second.headers.get('location'), first.headers.get('location'))
    t.equal(first.headers.get('idempotent-replayed'), null)
    const inBody = await transfer({ ...body, idempotencyKey: 'one' })
    t.equal(inBody.body.id, first.body.id, 'the field is the header')
    t.equal(scene.transfers(conversationId).length, 1)
  })

  t.test('given a key, when another body comes with it, then it is refused', async (t) => {
    const { conversationId, queueId, otherQueueId } = usualScene(scene)
    await transfer({ conversationId, target: { type: 'queue', queueId } }, { 'idempotency-key': 'two' })
    t.match(await transfer({ conversationId, target: { type: 'queue', queueId: otherQueueId } }, { 'idempotency-key': 'two' }), {
      status: 422,
      body: { code: 'IDEMPOTENCY_KEY_REUSED', retryable: false },
    })
    t.match(await transfer({ conversationId, target: { type: 'queue', queueId }, priority: 1 }, { 'idempotency-key': 'two' }), {
      status: 422,
    })
  })

  t.test('given a key in use, when the request comes meanwhile, then it is told to come again', async (t) => {
    const { conversationId, queueId } = usualScene(scene)
    const kept = keepCommands(t, world)
    let told = 0
    const asked = Array.from({ length: 8 }, async () => {
      const answer = await transfer({ conversationId, target: { type: 'queue', queueId } }, { 'idempotency-key': 'three' })
      told++
      return answer
    })
    await until(() => told === 7, 'the answers but one')
    kept.letGo()
    const answers = await Promise.all(asked)
    t.strictSame(counts(answers), { 202: 1, 409: 7 })
    const waiting = answers.find(({ status }) => status === 409)
    t.match(waiting, { body: { code: 'IDEMPOTENCY_KEY_IN_USE', retryable: true } })
    t.equal(waiting?.headers.get('retry-after'), '1')
    t.equal(scene.transfers(conversationId).length, 1)
  })

  t.test('given no key, when the same request comes many times at once, then all get the one transfer', async (t) => {
    const { conversationId, queueId, userId } = usualScene(scene)
    // Once somebody has picked up, the transfer is over, and who asks then asks for another.
    scene.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
    const answers = await Promise.all(Array.from({ length: 20 }, () => transfer({ conversationId, target: { type: 'queue', queueId } })))
    t.strictSame(counts(answers), { 202: 20 })
    t.equal(new Set(answers.map(({ body }) => body.id)).size, 1)
    t.equal(answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true').length, 19)
    t.equal(scene.transfers(conversationId).length, 1)
  })

  t.test('given a transfer under way, when another target is asked for, then it names the one in progress', async (t) => {
    const { conversationId, queueId, otherQueueId } = usualScene(scene)
    const kept = keepCommands(t, world)
    const asked = [queueId, otherQueueId].map((target) => transfer({ conversationId, target: { type: 'queue', queueId: target } }))
    await Promise.race(asked)
    kept.letGo()
    const both = await Promise.all(asked)
    const [refused] = both.filter(({ status }) => status === 409)
    const [accepted] = both.filter(({ status }) => status === 202)
    t.match(refused?.body, { code: 'TRANSFER_IN_PROGRESS', transferId: accepted?.body.id, retryable: true })
    t.equal(scene.transfers(conversationId).length, 1)
  })

  t.test(
    'given a refusal that a retry may cure, when the same key comes again, then it is tried anew; a final refusal is pinned',
    async (t) => {
      const { conversationId, skillId, queueId, userId } = usualScene(scene)
      const body = { conversationId, target: { type: 'skill', skillId, queueId } }
      scene.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
      const first = await transfer(body, { 'idempotency-key': 'four' })
      t.equal(first.body.code, 'NO_AGENT_AVAILABLE')
      scene.setAgent(userId, { routingStatus: 'IDLE' })
      // What is known of idle agents is a second old at most.
      const again = await until(async () => {
        const got = await transfer(body, { 'idempotency-key': 'four' })
        return got.status === 202 && got
      })
      t.not(again.body.id, first.body.transferId)

      const other = usualScene(scene)
      const wrong = { conversationId: other.conversationId, target: { type: 'number', address: '+49301234567' } }
      const refused = await transfer(wrong, { 'idempotency-key': 'five' })
      const replayed = await transfer(wrong, { 'idempotency-key': 'five' })
      t.strictSame(replayed.body, refused.body)
      t.equal(replayed.headers.get('idempotent-replayed'), 'true')
      t.match(replayed.headers.get('content-type'), /problem\+json/)
    },
  )

  t.test('given a call that waits in a queue, when a newer transfer moves it on, then the older one is superseded', async (t) => {
    const { conversationId, queueId, otherQueueId, userId } = usualScene(scene)
    scene.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
    const older = await transfer({ conversationId, target: { type: 'queue', queueId } })
    await waitsIn({ conversation }, conversationId, queueId)
    const newer = await transfer({ conversationId, target: { type: 'queue', queueId: otherQueueId } })
    t.equal(newer.status, 202)
    t.match(await reaches(older.body.id, 'superseded'), { code: 'SUPERSEDED' })
    t.equal(newer.body.transferDepth, 2)
  })
})
