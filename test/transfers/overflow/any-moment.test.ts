/** An incident at a random moment while a call moves on: whatever it is, no call is moved to the same place twice, and none is taken from an agent. */
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { isFinal } from '../../../src/model/states.ts'
import type { Transfer } from '../../../src/model/transfer.ts'
import type { FaultOptions } from '../../../src/simulator/control/fault-options.ts'
import { startTestSystem, type TestSystem } from '../../support/test-system.ts'
import { waitFor } from '../../support/wait-for.ts'
import { moveByHand, overflowAfterSeconds, queueCommand, readTransfer, requestInOrder, setUpScene, toQueue } from './scene.ts'

/** How many calls run at the same time, and how many such batches run one after another. */
const batchSize = 12
const batchCount = 4
/** The incident comes from 100 ms before to 200 ms after the call is to move on. */
const earliestIncidentMs = 1_000 * overflowAfterSeconds - 100
const incidentSpreadMs = 300

const pickOne = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)] as T

const movedByHand = 'somebody moves the call'
type Scene = ReturnType<typeof setUpScene>
const incidents: Readonly<Record<string, (system: TestSystem, scene: Scene) => Promise<unknown> | void>> = {
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

/** Lets one call move on, with a random incident and fault. @returns the transfer in its final state, and as `plan` the incident and the fault */
async function runCall(system: TestSystem) {
  const scene = setUpScene(system)
  const { conversationId, emptyQueue, staffedQueue } = scene
  const incident = pickOne(Object.keys(incidents))
  // The fault answers the second queue command of the call. That must be Handoff's command, not the one that moves the call by hand.
  const fault = incident === movedByHand ? undefined : pickOne(faults)
  const afterMs = Math.round(earliestIncidentMs + Math.random() * incidentSpreadMs)
  const plan = `${incident} after ${afterMs} ms, fault ${JSON.stringify(fault ?? 'none')}`
  if (fault) system.control.addFault({ operation: queueCommand, conversationId, skip: 1, fault })
  const id = await requestInOrder(system, conversationId, [toQueue(emptyQueue), toQueue(staffedQueue)])
  await setTimeout(afterMs)
  await incidents[incident]?.(system, scene)
  const transfer = await waitFor(
    async () => {
      const current = await readTransfer(system, id)
      return isFinal(current.state) && current
    },
    `the end of ${id}: ${plan}`,
    60_000,
  )
  return { scene, transfer, plan }
}

/** Compares the transfer with what the platform did. @returns each mistake in words; empty if there is none */
async function findMistakes(
  system: TestSystem,
  { conversationId, emptyQueue, staffedQueue }: Scene,
  transfer: Transfer,
): Promise<string[]> {
  const { participants } = await system.getConversation(conversationId)
  const moves = system.control.transfers(conversationId)
  const purposeOf = (participantId: string) => participants.find(({ id }) => id === participantId)?.purpose
  const answered = participants.filter(({ purpose, calls }) => purpose === 'agent' && calls[0]?.connectedTime !== undefined)
  // The platform may carry out an accepted command just after an agent has answered. Then a second agent answers, and that pickup counts.
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
  'given many calls that are to move on, when an incident comes at a random moment, then each transfer ends as the platform shows',
  async (t) => {
    const system = await startTestSystem(t)
    for (let batch = 0; batch < batchCount; batch++) {
      const calls = await Promise.all(Array.from({ length: batchSize }, () => runCall(system)))
      for (const { scene, transfer, plan } of calls)
        t.strictSame(await findMistakes(system, scene, transfer), [], `${transfer.state}: ${plan}`)
    }
  },
)
