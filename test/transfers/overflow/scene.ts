/** Sets up a call that nobody picks up and the places that it can move on to, and reads what the platform and Handoff recorded about it. */
import { randomUUID } from 'node:crypto'
import type { AuditEntry } from '../../../src/ledger/contract/audit.ts'
import type { Target } from '../../../src/model/target-schema.ts'
import { isFinal, type State } from '../../../src/model/states.ts'
import { asTransfer, type Transfer, type TransferRequest } from '../../../src/model/transfer.ts'
import { normalizeRequest } from '../../../src/transfers/request/normalize-request.ts'
import { createPlatformClient } from '../../support/platform-client.ts'
import type { TestSystem } from '../../support/test-system.ts'
import { waitFor } from '../../support/wait-for.ts'

export const queueCommand = 'POST /conversations/{id}/participants/{id}/replace/queue'
/** How long a call waits until it moves on. The HTTP routes accept 5 s at least; these tests call the transfer service directly, and are faster. */
export const overflowAfterSeconds = 0.4

export type SceneSystem = Pick<TestSystem, 'app' | 'control' | 'simulator' | 'getConversation' | 'crm'>

/** A queue in which nobody answers, one with an agent who picks up, and a call in the IVR. */
export function setUpScene(system: SceneSystem) {
  const { control } = system
  const emptyQueue = control.addQueue({ name: 'Support' }).id
  const otherEmptyQueue = control.addQueue({ name: 'Billing' }).id
  const staffedQueue = control.addQueue({ name: 'Everybody' }).id
  const userId = control.addAgent({ name: 'Alex', queueIds: [staffedQueue], answers: [{ after: 30, with: 'pickup' }] }).id
  const { conversationId } = control.addConversation({ in: 'ivr' })
  return { conversationId, emptyQueue, otherEmptyQueue, staffedQueue, userId }
}

/** Requests a transfer as the route does, but accepts an `overflowAfterSeconds` under 5. @returns the transfer's ID @throws the refusal */
export async function requestTransfer({ app }: SceneSystem, request: TransferRequest): Promise<string> {
  const rules = { defaultQueueId: undefined, fallbackQueueId: undefined }
  const normalized = normalizeRequest(request, { traceparent: `00-${randomUUID().replaceAll('-', '')}-0123456789abcdef-01` }, rules)
  const { outcome, transferId } = await app.transfers.submit(normalized, { id: 'ops', queues: null }, Date.now())
  if ('problem' in outcome) throw outcome.problem
  return String(transferId)
}

/** Requests a transfer to places in order; all but the last are left after `overflowAfterSeconds`. */
export function requestInOrder(system: SceneSystem, conversationId: string, places: Target[], fields: Partial<TransferRequest> = {}) {
  const [target, ...fallback] = places.map((place, index) =>
    index === places.length - 1 || place.type === 'callback' ? place : { overflowAfterSeconds, ...place },
  )
  return requestTransfer(system, { conversationId, target: target as Target, fallback, ...fields })
}

export const toQueue = (queueId: string): Extract<Target, { type: 'queue' }> => ({ type: 'queue', queueId })

/** The transfer as callers read it. */
export async function readTransfer({ app }: SceneSystem, id: string): Promise<Transfer> {
  const record = await app.ledger.findTransfer(id)
  if (!record) throw new Error(`there is no transfer ${id}`)
  return asTransfer(record)
}

/** Waits until a transfer is in this state. @throws Error as soon as the transfer is in another final state */
export const waitForState = (system: SceneSystem, id: string, state: State): Promise<Transfer> =>
  waitFor(async () => {
    const transfer = await readTransfer(system, id)
    if (transfer.state !== state && isFinal(transfer.state)) throw new Error(`the transfer is ${transfer.state}: ${transfer.message}`)
    return transfer.state === state && transfer
  }, `state ${state} of ${id}`)

export const readAudit = ({ app }: SceneSystem, id: string): Promise<AuditEntry[]> => app.ledger.findAuditEntries(id)

/** The statuses of the transfer's audit entries, without those about webhook deliveries, routing data and loop-guard attributes. */
export async function readStatuses(system: SceneSystem, id: string): Promise<string[]> {
  const statuses = (await readAudit(system, id)).map(({ status }) => status)
  return statuses.filter((status) => !/^(delivery_|routing_|loop_guard_)/.test(status))
}

/** Where the platform moved the call, in order. */
export const movesOf = ({ control }: SceneSystem, conversationId: string): string[] => control.transfers(conversationId).map(({ to }) => to)

/** Each hop as a string that is easy to compare: its number, its queue or agent (`number` for a phone number), and its outcome. */
export const summarizeHops = ({ hops }: Transfer): string[] =>
  hops.map(({ number, resolvedTarget, outcome }) => `${number} ${resolvedTarget.queueId ?? resolvedTarget.userId ?? 'number'} ${outcome}`)

/** Waits until the platform has accepted this hop, and the transfer has no later one. */
export const waitForHop = (system: SceneSystem, id: string, number: number): Promise<Transfer> =>
  waitFor(async () => {
    const transfer = await readTransfer(system, id)
    return transfer.state === 'initiated' && transfer.hops.length === number && transfer
  }, `hop ${number}`)

/** Waits until the audit trail of a transfer has an entry of this status. */
export const waitForEntry = (system: SceneSystem, id: string, status: string): Promise<AuditEntry> =>
  waitFor(async () => (await readAudit(system, id)).find((entry) => entry.status === status), `an entry ${status}`)

/**
 * Moves a call to a queue as an agent or another program would, without Handoff.
 * @param from the purpose of the participant to replace, such as `acd`
 * @returns the platform's HTTP status; undefined if no connected participant has this purpose
 */
export async function moveByHand(system: SceneSystem, conversationId: string, queueId: string, from: string): Promise<number | undefined> {
  const { participants } = await system.getConversation(conversationId)
  const replaced = participants.findLast(({ calls, purpose }) => purpose === from && calls[0]?.state === 'connected')
  if (!replaced) return undefined
  const path = `/conversations/${conversationId}/participants/${replaced.id}/replace/queue`
  return createPlatformClient(system.simulator.url).sendCommand(path, { queueId })
}
