/** Many calls that move on while something happens to each at a random moment: whatever it is, no call moves twice, and none is taken from an agent. */
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { isFinal } from '../../../src/model/states.ts'
import type { Transfer } from '../../../src/model/transfer.ts'
import type { FaultOptions } from '../../../src/simulator/control/fault-options.ts'
import { startTestSystem, type TestSystem } from '../../support/test-system.ts'
import { waitFor } from '../../support/wait-for.ts'
import { moveByHand, overflowAfterSeconds, queueCommand, readTransfer, requestInOrder, setUpScene, toQueue } from './scene.ts'

/** Calls at the same time, and how often there are so many. */
const callsAtOnce = 12
const rounds = 4
/** Around the moment at which the call is to move on, ms. */
const earliestMs = 1_000 * overflowAfterSeconds - 100
const spreadMs = 300

const pickOne = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)] as T

const movedByHand = 'somebody moves the call'
type Scene = ReturnType<typeof setUpScene>
const happenings: Readonly<Record<string, (system: TestSystem, scene: Scene) => Promise<unknown> | void>> = {
  nothing: () => {},
  'an agent picks up': ({ control }, { emptyQueue }) => {
    const { id } = control.addAgent({ queueIds: [emptyQueue], answers: [{ after: 1, with: 'pickup' }] })
    control.setAgent(id, { routingStatus: 'IDLE' })
  },
  'an agent declines': ({ control }, { emptyQueue }) => {
    const { id } = control.addAgent({ queueIds: [emptyQueue], answers: [{ after: 1, with: 'decline' }, 'never'] })
    control.setAgent(id, { routingStatus: 'IDLE' })
  },
  'the caller hangs up': ({ control }, { conversationId }) => {
    control.hangUp(conversationId)
  },
  [movedByHand]: (system, { conversationId, otherEmptyQueue }) => moveByHand(system, conversationId, otherEmptyQueue, 'acd'),
}
const faults: Array<FaultOptions['fault'] | undefined> = [
  undefined,
  undefined,
  { kind: 'reset-after' },
  { kind: 'reset-before' },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 503, acts: true },
  { kind: 'conflict' },
  { kind: 'delay', ms: 300 },
]

/** Lets one call move on while something happens to it. @returns what happened, and the transfer at its end */
async function run(system: TestSystem) {
  const scene = setUpScene(system)
  const { conversationId, emptyQueue, staffedQueue } = scene
  const happening = pickOne(Object.keys(happenings))
  // The fault is to meet Handoff's own command.
  const fault = happening === movedByHand ? undefined : pickOne(faults)
  const afterMs = Math.round(earliestMs + Math.random() * spreadMs)
  if (fault) system.control.addFault({ operation: queueCommand, conversationId, skip: 1, fault })
  const id = await requestInOrder(system, conversationId, [toQueue(emptyQueue), toQueue(staffedQueue)])
  await setTimeout(afterMs)
  await happenings[happening]?.(system, scene)
  const transfer = await waitFor(
    async () => {
      const current = await readTransfer(system, id)
      return isFinal(current.state) && current
    },
    `the end of ${id}: ${happening} after ${afterMs} ms, ${JSON.stringify(fault)}`,
    60_000,
  )
  return { scene, transfer, plan: `${happening} after ${afterMs} ms, fault ${JSON.stringify(fault ?? 'none')}` }
}

/** What is wrong with the end of a call; empty if nothing is. */
async function findFaults(system: TestSystem, { conversationId, emptyQueue, staffedQueue }: Scene, transfer: Transfer): Promise<string[]> {
  const { participants } = await system.getConversation(conversationId)
  const moves = system.control.transfers(conversationId)
  const purposeOf = (participantId: string) => participants.find(({ id }) => id === participantId)?.purpose
  const answered = participants.filter(({ purpose, calls }) => purpose === 'agent' && calls[0]?.connectedTime !== undefined)
  // The platform may carry out a command that it accepted while the call waited just after an agent has answered: then the next one counts.
  const agent = answered.toSorted((a, b) => (String(a.calls[0]?.connectedTime) < String(b.calls[0]?.connectedTime) ? -1 : 1)).at(-1)
  const found: string[] = []
  if (moves.some(({ participantId }) => !['ivr', 'acd'].includes(String(purposeOf(participantId))))) found.push('taken from a person')
  for (const queueId of [emptyQueue, staffedQueue])
    if (moves.filter(({ to }) => to === queueId).length > 1) found.push(`moved to ${queueId} twice`)
  if (answered.length > 2) found.push(`${answered.length} agents answered`)
  if ((transfer.state === 'picked_up') !== (agent !== undefined)) found.push(`${transfer.state}, but ${answered.length} agents answered`)
  if (agent && agent.queueId !== transfer.resolvedTarget?.queueId) found.push('picked up elsewhere')
  if (transfer.hops.at(-1)?.outcome !== transfer.state) found.push(`the last hop is ${transfer.hops.at(-1)?.outcome}`)
  if (transfer.transferPath.length !== transfer.hops.length) found.push('path and hops differ')
  return found
}

t.test(
  'given many calls that are to move on, when something happens at a random moment, then each ends as the platform shows',
  async (t) => {
    const system = await startTestSystem(t)
    for (let round = 0; round < rounds; round++) {
      const runs = await Promise.all(Array.from({ length: callsAtOnce }, () => run(system)))
      for (const { scene, transfer, plan } of runs)
        t.strictSame(await findFaults(system, scene, transfer), [], `${transfer.state}: ${plan}`)
    }
  },
)
