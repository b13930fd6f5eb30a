/** A call that waits for its overflow while the time of the machine is set: it moves on when the waiting time has passed, neither at once nor never. */
import t from 'tap'
import { startSimulator } from '../../../src/simulator/simulator.ts'
import { startServiceProcess } from '../../support/service-process.ts'
import { testSettings } from '../../support/settings.ts'
import { waitFor } from '../../support/wait-for.ts'

// Processes are started, and the shortest waiting time is five seconds.
t.setTimeout(240_000)

const hourMs = 3_600_000
const readConversation = 'GET /conversations/{id}'

for (const [direction, stepMs] of [
  ['back', -hourMs],
  ['forward', hourMs],
] as const)
  t.test(
    `given calls that wait for their overflow, when the clock is set ${direction} by an hour, then each moves on after its own waiting time`,
    async (t) => {
      const simulator = await startSimulator({ requestsPerMinute: 60_000 })
      t.teardown(() => simulator.close())
      const { control } = simulator
      const service = await startServiceProcess(t, { ...testSettings(simulator.url), PICKUP_TIMEOUT_MS: '120000', PICKUP_EVENTS: 'off' })
      const toQueue = () => ({ type: 'queue', queueId: control.addQueue().id })
      async function requestTransfer(overflowAfterSeconds: number) {
        const { conversationId } = control.addConversation({ in: 'ivr' })
        const [target, next] = [{ ...toQueue(), overflowAfterSeconds }, toQueue()]
        const { status, body } = await service.request('POST', '/v1/transfers', { conversationId, target, fallback: [next] })
        t.equal(status, 202)
        return { conversationId, id: body.id, places: [target.queueId, next.queueId] }
      }
      const movesOf = (conversationId: string): string[] => control.transfers(conversationId).map(({ to }) => to)
      const countReads = (): number => control.requests().counts[readConversation] ?? 0

      const [patient, short] = [await requestTransfer(3_000), await requestTransfer(5)]
      await service.stepClock(stepMs)
      await waitFor(() => movesOf(short.conversationId).length === 2, 'the overflow', 60_000)
      t.strictSame(movesOf(short.conversationId), short.places)
      // The platform has the command a moment before the transfer says so.
      const hops = await waitFor(async () => {
        const { body } = await service.request('GET', `/v1/transfers/${short.id}`)
        return Array.isArray(body.hops) && body.hops[1]?.initiatedAt && body.hops
      }, 'the second hop')
      t.match(hops, [{ number: 1, outcome: 'overflowed' }, { number: 2 }])
      t.equal(hops.length, 2)

      const readsBefore = countReads()
      await waitFor(() => countReads() > readsBefore + 4, 'two polls of each call')
      t.strictSame(
        movesOf(patient.conversationId),
        patient.places.slice(0, 1),
        'the other call waits on, although an hour seems to have passed',
      )
      t.match((await service.request('GET', `/v1/transfers/${patient.id}`)).body, { state: 'initiated', hops: [{ number: 1 }] })
    },
  )
