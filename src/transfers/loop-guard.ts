/** How often and where a conversation was before: depth, path, and the token that keeps flows and agents from forging them. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { Problem } from '../model/problems.ts'
import { numberHash } from './number-hash.ts'
import type { ResolvedTarget } from '../model/transfer.ts'

export interface TransferHistory {
  /** Transfers so far. */
  depth: number
  /** Places so far, in order. */
  path: readonly string[]
}

const keyed = (secret: string, text: string): string => createHmac('sha256', secret).update(text).digest('hex')

/** A target as a place on a path. Numbers stand as keyed hashes, so that paths may be logged. */
export function placeOf(target: Pick<ResolvedTarget, 'type' | 'queueId' | 'userId' | 'skillIds' | 'address'>, secret: string): string {
  const places = {
    agent: () => `agent:${target.userId}`,
    queue: () => `queue:${target.queueId}`,
    skill: () => `skill:${target.skillIds.toSorted().join('+')}@${target.queueId}`,
    number: () => `number:${numberHash(String(target.address), secret)}`,
  }
  return places[target.type]()
}

/** @throws Problem DEPTH_LIMIT_REACHED when this would be a transfer too many. */
export function guardDepth({ depth }: TransferHistory, most: number): void {
  if (depth >= most)
    throw new Problem('DEPTH_LIMIT_REACHED', `This conversation was transferred ${depth} times already; ${most} are allowed.`)
}

/** @throws Problem LOOP_DETECTED when the conversation has been at this place before. */
export function guardLoop({ path }: TransferHistory, place: string): void {
  if (path.includes(place)) throw new Problem('LOOP_DETECTED', `This conversation was at ${place} before: ${path.join(' > ')}.`)
}

const attributeNames = ['transferDepth', 'transferPath', 'loopPreventionToken'] as const
/** Participant attributes that are ours: a request's context may not set them. */
export const reservedAttributes: readonly string[] = attributeNames

const tokenOf = (conversationId: string, depth: string, path: string, secret: string): string =>
  keyed(secret, `${conversationId}\n${depth}\n${path}`)

/** The travels as participant attributes of the customer, for flows and agents to read (design §1). */
export function loopGuardAttributes(
  conversationId: string,
  { depth, path }: TransferHistory,
  secret: string,
): Record<(typeof attributeNames)[number], string> {
  const transferDepth = String(depth)
  const transferPath = path.join(' > ')
  return { transferDepth, transferPath, loopPreventionToken: tokenOf(conversationId, transferDepth, transferPath, secret) }
}

/**
 * The further of the ledger's travels and the mirrored ones: another Handoff, or this one with an older ledger, may have moved the call.
 * Attributes without a valid token count for nothing.
 */
export function longerHistory(
  ledger: TransferHistory,
  conversationId: string,
  attributes: Readonly<Record<string, string>>,
  secret: string,
): TransferHistory {
  const { transferDepth = '', transferPath = '', loopPreventionToken = '' } = attributes
  const expected = Buffer.from(tokenOf(conversationId, transferDepth, transferPath, secret))
  const given = Buffer.from(loopPreventionToken)
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return ledger
  return Number(transferDepth) > ledger.depth ? { depth: Number(transferDepth), path: transferPath.split(' > ').filter(Boolean) } : ledger
}
