import fc from 'fast-check'
import t from 'tap'
import { Clock } from '../../src/simulator/clock.ts'
import { stage } from './stage.ts'

t.test(
  'given any events on a manual clock, when it is advanced in any steps, then each runs once, in the order of their times, at its own instant',
  (t) => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { maxLength: 40 }), fc.array(fc.nat(600), { maxLength: 8 }), (delays, steps) => {
        const clock = new Clock('manual')
        const start = clock.now()
        const ran: { at: number; n: number }[] = []
        delays.forEach((delay, n) => clock.after(delay, () => ran.push({ at: clock.now() - start, n })))
        for (const step of steps) clock.advance(step)
        const passed = steps.reduce((sum, step) => sum + step, 0)
        const expected = delays
          .map((at, n) => ({ at, n }))
          .filter(({ at }) => at <= passed && steps.length > 0)
          .toSorted((one, other) => one.at - other.at || one.n - other.n)
        t.strictSame(ran, expected)
        t.equal(clock.now(), start + passed)
      }),
      { numRuns: 100 },
    )
    t.end()
  },
)

t.test('given an event that sets another, then both run within the advance that reaches them', (t) => {
  const clock = new Clock('manual')
  const ran: string[] = []
  clock.after(10, () => {
    ran.push('first')
    clock.after(5, () => ran.push('second'))
    clock.after(50, () => ran.push('too late'))
  })
  clock.advance(20)
  t.strictSame(ran, ['first', 'second'])
  t.end()
})

t.test(
  'given a real clock, then events run by themselves, the earlier one first whichever was set first, and a cleared one never',
  async (t) => {
    const clock = new Clock('real')
    const ran: string[] = []
    clock.after(1, () => ran.push('cleared'))
    clock.clear()
    const alive = setInterval(() => {}, 1_000)
    await new Promise<void>((resolve) => {
      clock.after(30, () => {
        ran.push('later')
        resolve()
      })
      clock.after(5, () => ran.push('sooner'))
    })
    clearInterval(alive)
    t.strictSame(ran, ['sooner', 'later'])
  },
)

t.test('given a simulator with a real clock, then calls live by themselves, and it cannot be advanced', async (t) => {
  const { scene, legs } = await stage(t)
  scene.addQueue({ id: 'support', offerDelayMs: 1 })
  scene.addAgent({ queueIds: ['support'], answers: [{ after: 1, with: 'pickup' }] })
  const { conversationId } = scene.addConversation({ in: { queueId: 'support' } })
  while ((await legs(conversationId, 'agent'))[0]?.connectedTime === undefined) continue
  t.throws(() => scene.advance(1), { message: /clock is real/ })
})

t.test('given a manual clock, then nothing happens until it is advanced, and never backwards', async (t) => {
  const { scene, conversation } = await stage(t, { clock: 'manual' })
  const before = scene.now()
  const { conversationId } = scene.addConversation({ in: 'ivr', callerHangsUpAfter: 0 })
  t.equal((await conversation(conversationId)).endTime, undefined)
  t.throws(() => scene.advance(-1), { message: /ms/ })
  scene.advance(0)
  t.equal((await conversation(conversationId)).endTime, new Date(before).toISOString())
})

t.test('given a latency, then the answer comes, and not at once', async (t) => {
  const { scene, ask } = await stage(t, { clock: 'manual', latencyMs: 40 })
  scene.addQueue({ id: 'support' })
  let answered = false
  const answer = ask('GET', '/routing/queues/support').then((heard) => {
    answered = true
    return heard
  })
  while (scene.calls().total === 0) await new Promise((resolve) => setImmediate(resolve))
  t.equal(answered, false, 'it has arrived, but is not answered yet')
  t.equal((await answer).status, 200)
})
