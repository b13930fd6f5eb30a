/** How real and manual clocks run events. */
import fc from 'fast-check'
import t from 'tap'
import { Clock } from '../../../src/simulator/model/clock.ts'
import { startPlatform } from '../test-platform.ts'

t.test(
  'given any events on a manual clock, when it is advanced in any steps, then each event runs once, in order, at its own instant',
  (t) => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { maxLength: 40 }), fc.array(fc.nat(600), { maxLength: 8 }), (delays, steps) => {
        const clock = new Clock('manual')
        const start = clock.now()
        const ran: { at: number; index: number }[] = []
        delays.forEach((delay, index) => clock.after(delay, () => ran.push({ at: clock.now() - start, index })))
        for (const step of steps) clock.advance(step)
        const passed = steps.reduce((sum, step) => sum + step, 0)
        const expected = delays
          .map((at, index) => ({ at, index }))
          .filter(({ at }) => at <= passed && steps.length > 0)
          .toSorted((event, other) => event.at - other.at || event.index - other.index)
        t.strictSame(ran, expected)
        t.equal(clock.now(), start + passed)
      }),
      { numRuns: 100 },
    )
    t.end()
  },
)

t.test('given an event that schedules another, when the clock is advanced past both, then both run', (t) => {
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

t.test('given a real clock, then events run by themselves in the order of their times, and a cleared event never runs', async (t) => {
  const clock = new Clock('real')
  const ran: string[] = []
  clock.after(1, () => ran.push('cleared'))
  clock.clear()
  // The clock's own timer does not keep the process alive.
  const keepAlive = setInterval(() => {}, 1_000)
  await new Promise<void>((resolve) => {
    clock.after(30, () => {
      ran.push('later')
      resolve()
    })
    clock.after(5, () => ran.push('sooner'))
  })
  clearInterval(keepAlive)
  t.strictSame(ran, ['sooner', 'later'])
})

t.test('given a simulator with a real clock, then calls proceed by themselves, and the clock cannot be advanced', async (t) => {
  const { control, getParticipants } = await startPlatform(t)
  control.addQueue({ id: 'support', offerDelayMs: 1 })
  control.addAgent({ queueIds: ['support'], answers: [{ after: 1, with: 'pickup' }] })
  const { conversationId } = control.addConversation({ in: { queueId: 'support' } })
  while ((await getParticipants(conversationId, 'agent'))[0]?.connectedTime === undefined) continue
  t.throws(() => control.advance(1), { message: /clock is real/ })
})

t.test('given a manual clock, then nothing happens until it is advanced, and it cannot be turned back', async (t) => {
  const { control, getConversation } = await startPlatform(t, { clock: 'manual' })
  const before = control.now()
  const { conversationId } = control.addConversation({ in: 'ivr', callerHangsUpAfter: 0 })
  t.equal((await getConversation(conversationId)).endTime, undefined)
  t.throws(() => control.advance(-1), { message: /ms/ })
  control.advance(0)
  t.equal((await getConversation(conversationId)).endTime, new Date(before).toISOString())
})

t.test('given a simulator with a latency, when a request arrives, then the response is delayed', async (t) => {
  const { control, request } = await startPlatform(t, { clock: 'manual', latencyMs: 40 })
  control.addQueue({ id: 'support' })
  let isAnswered = false
  const pending = request('GET', '/routing/queues/support').then((response) => {
    isAnswered = true
    return response
  })
  while (control.requests().total === 0) await new Promise((resolve) => setImmediate(resolve))
  t.equal(isAnswered, false, 'the request has arrived, but is not answered yet')
  t.equal((await pending).status, 200)
})
