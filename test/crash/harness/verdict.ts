/** What must hold after every run, whatever died: the invariants, each in one place. */
import { setTimeout } from 'node:timers/promises'
import { verifyAudit } from '../../../src/ledger/audit/verification.ts'
import type { AuditEntry, Delivery } from '../../../src/ledger/ledger.ts'
import { openLedger } from '../../../src/ledger/open.ts'
import { type Transfer } from '../../../src/model/transfer.ts'
import { isFinal, moves, states, type State } from '../../../src/model/states.ts'
import { notifiedStates } from '../../../src/transfers/stages/crm-webhook.ts'
import { settingsFor } from '../../support/service.ts'
import { askOnce, type Answered } from './caller.ts'
import { command } from './points.ts'
import type { Kind, Violation } from './tally.ts'
import { asked, type Call, type World } from './world.ts'

/** How long a transfer may take until it is final, or indeterminate with a cause, ms. */
export const mostMs = 60_000
const pauseMs = 25

export interface Expected {
  ends: State
  /** How often the platform must have been made to move the call. */
  moves: number
}

const violation = (kind: Kind, what: string): Violation => ({ kind, what })
const isState = (status: string): status is State => (states as readonly string[]).includes(status)
const settledIn = ({ state, code }: Transfer): boolean => isFinal(state) || (state === 'indeterminate' && code !== null)

/** Asks any living node until one answers 200. */
async function told<T>(world: World, path: string): Promise<T> {
  for (const end = Date.now() + mostMs; Date.now() < end; await setTimeout(pauseMs)) {
    const node = world.nodes.at(-1)
    const answer = node && (await asked<T>(node.url, 'GET', path).catch(() => undefined))
    if (answer?.status === 200) return answer.body
  }
  throw new Error(`no node answered ${path}`)
}

export const transfersOf = async (world: World, conversationId: string): Promise<Transfer[]> =>
  (await told<{ transfers: Transfer[] }>(world, `/v1/transfers?conversationId=${conversationId}`)).transfers

/** Waits until every transfer of the conversation is final or indeterminate, at most 60 s; as they are then. */
export async function settled(world: World, conversationId: string, forMs = mostMs): Promise<Transfer[]> {
  let transfers = await transfersOf(world, conversationId)
  for (const end = Date.now() + forMs; !transfers.every(settledIn) && Date.now() < end;) {
    await setTimeout(pauseMs)
    transfers = await transfersOf(world, conversationId)
  }
  return transfers
}

/** The trail is a walk through the table of moves. */
function walk(entries: AuditEntry[], { id, state }: Transfer): Violation[] {
  const walked = entries.map(({ status }) => status).filter(isState)
  const wrong = walked.findIndex((to, at) => (at === 0 ? to !== 'accepted' : !moves[walked[at - 1] as State].includes(to)))
  if (wrong >= 0 || walked.at(-1) !== state) return [violation('trail', `${id} is ${state}, its trail says ${walked.join(' → ')}`)]
  return []
}

/** The CRM heard of every state that is told, in order, no event with two bodies. */
async function crmHeard(world: World, { id }: Transfer, entries: AuditEntry[]): Promise<Violation[]> {
  const due = entries
    .map(({ status }) => status)
    .filter((status) => isState(status) && notifiedStates.includes(status))
    .map((status) => `transfer.${status}`)
  const heard = () => world.crm.attempts.filter(({ data }) => data.actionId === id)
  const bodies = () => new Map(heard().map((one) => [one.id, one]))
  const undelivered = async () =>
    (await told<{ deliveries: Delivery[] }>(world, `/v1/webhook-deliveries?transferId=${id}`)).deliveries.filter(
      ({ state }) => state !== 'delivered',
    )
  for (const end = Date.now() + mostMs; Date.now() < end; await setTimeout(pauseMs))
    if (bodies().size >= due.length && (await undelivered()).length === 0) break
  const types = [...bodies().values()].map(({ type }) => type)
  const found: Violation[] = []
  if (types.join() !== due.join())
    found.push(violation('crm', `${id}: the CRM heard ${types.join(', ') || 'nothing'}; the trail says ${due.join(', ')}`))
  if (heard().some((one) => bodies().get(one.id)?.body !== one.body)) found.push(violation('crm', `${id}: one event came with two bodies`))
  const left = await undelivered()
  if (left.length > 0) found.push(violation('crm', `${id}: ${left.map(({ type, state }) => `${type} ${state}`).join(', ')}`))
  return found
}

/** The platform was made to move the call as often as it must have been, and was asked for nothing after it had. */
export function movedRight(world: World, { conversationId }: Call, transfers: Transfer[], expected: Expected): Violation[] {
  const moved = world.scene.transfers(conversationId)
  const states = transfers.map(({ id, state, code }) => `${id} ${state}${code ? ` (${code})` : ''}`).join(', ') || 'none'
  if (moved.length > Math.max(1, expected.moves))
    return [violation('duplicate', `${conversationId} was moved ${moved.length} times; transfers: ${states}`)]
  if (moved.length > expected.moves)
    return [violation('duplicate', `${conversationId} was moved although it must not be; transfers: ${states}`)]
  const last = transfers.find(({ state }) => state === expected.ends) ?? transfers[0]
  if (!last || !transfers.every(settledIn))
    return [violation('slow', `${conversationId} is not final after ${mostMs} ms; transfers: ${states}`)]
  if (last.state === 'indeterminate') return []
  if (last.state !== expected.ends || moved.length < expected.moves)
    return [violation('lost', `${conversationId} was moved ${moved.length} times and must end ${expected.ends}; transfers: ${states}`)]
  const others = transfers.filter((one) => one !== last && one.state !== 'rejected')
  return others.length > 0 ? [violation('trail', `${conversationId} has more than one transfer that moved it: ${states}`)] : []
}

/** Commands that arrived after the platform had accepted one: it refuses them, but they should never have been sent. */
export function commandsTooMany(world: World, { conversationId }: Call): number {
  const [first] = world.scene.transfers(conversationId)
  const sent = world.scene.calls().log.filter(({ operation, path }) => operation === command && path.includes(conversationId))
  return first ? sent.filter(({ at }) => at > first.at).length : 0
}

/** Answers that were given agree with each other, with the record, and with what the key answers now. */
async function answersAgree(world: World, call: Call, asks: object, answers: Answered[], transfers: Transfer[]): Promise<Violation[]> {
  const found: Violation[] = []
  const good = answers.filter(({ status }) => status === 202)
  for (const { id } of good)
    if (!transfers.some((one) => one.id === id)) found.push(violation('lost', `${id} was answered and is not there`))
  const unknown = answers.find(({ id }) => id !== undefined && !transfers.some((one) => one.id === id))
  if (unknown) found.push(violation('lost', `an answer ${unknown.status} ${unknown.code} names ${unknown.id}, which is not there`))
  const last = answers.at(-1)
  if (!last) return [violation('answer', `${call.conversationId}: the caller never had an answer`)]
  const node = world.nodes.at(-1)
  const again = node && (await askOnce(node.url, call, asks))
  if (again && (again.status !== last.status || again.text !== last.text))
    found.push(violation('answer', `the same key answers ${again.status} ${again.text}; the caller was told ${last.status} ${last.text}`))
  if (new Set(good.map(({ text }) => text)).size > 1)
    found.push(violation('answer', `the caller was told different things: ${good.map(({ text }) => text).join(' / ')}`))
  return found
}

/** Everything that a run must leave behind. `answers`: what the caller was told, the last one the answer it went by. */
export async function judged(world: World, call: Call, asks: object, answers: Answered[], expected: Expected): Promise<Violation[]> {
  const transfers = await settled(world, call.conversationId)
  const found = [...movedRight(world, call, transfers, expected), ...(await answersAgree(world, call, asks, answers, transfers))]
  for (const transfer of transfers) {
    const { entries } = await told<{ entries: AuditEntry[] }>(world, `/v1/transfers/${transfer.id}/audit`)
    found.push(...walk(entries, transfer), ...(await crmHeard(world, transfer, entries)))
  }
  return found
}

/** The whole audit trail of a world is what was written. */
export async function chainHolds(world: World): Promise<Violation[]> {
  const auditKey = String(settingsFor('')['AUDIT_KEY'])
  const ledger = await openLedger(world.databaseUrl, { auditKey })
  try {
    const { faults } = await verifyAudit(ledger, auditKey)
    return faults.map(({ chain, place, what }) => violation('trail', `audit chain ${chain}, row ${place}: ${what}`))
  } finally {
    await ledger.close()
  }
}
