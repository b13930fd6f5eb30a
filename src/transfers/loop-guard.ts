/**
 * The loop guard: limits how often a conversation is transferred and forbids a second visit; attributes keep this history with the call.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { callbackAttribute } from '../conversations/callback.ts'
import { Problem } from '../model/problems.ts'
import { callByType, type ByTargetType, type NormalizedTarget } from '../model/target.ts'
import { agentAttributeNames } from './attributes/agent-attributes.ts'
import { numberHash } from './number-hash.ts'

/** The transfers of a conversation before this one. */
export interface TransferHistory {
  /** Number of these transfers. */
  depth: number
  /** The places that the conversation was at, in order, as `placeOf` writes them. */
  path: readonly string[]
}

const callbackPrefix = 'callback:'
/** Whether an entry of the transfer path is a callback. */
export const isCallbackPlace = (place: string): boolean => place.startsWith(callbackPrefix)

const placeByType: ByTargetType<string, [secret: string]> = {
  agent: ({ userId }) => `agent:${userId}`,
  queue: ({ queueId }) => `queue:${queueId}`,
  skill: ({ queueId, skillIds }) => `skill:${skillIds.toSorted().join('+')}@${queueId}`,
  number: ({ address }, secret) => `number:${numberHash(address, secret)}`,
  callback: ({ queueId }) => `${callbackPrefix}${queueId}`,
}

/** A target as an entry of the transfer path. Phone numbers become keyed hashes, so that paths may be logged. */
export const placeOf = (target: NormalizedTarget, secret: string): string => callByType(placeByType, target, secret)

/** The place of a number as the secrets before `secret` have hashed it; empty for any other target, whose place has no hash. */
export const formerPlacesOf = (target: NormalizedTarget, previousSecrets: readonly string[]): string[] =>
  target.type === 'number' ? previousSecrets.map((secret) => placeOf(target, secret)) : []

/** Limits the number of transfers. @throws Problem DEPTH_LIMIT_REACHED if there were `maxDepth` transfers already */
export function checkDepth({ depth }: TransferHistory, maxDepth: number): void {
  if (depth >= maxDepth)
    throw new Problem('DEPTH_LIMIT_REACHED', `This conversation was transferred ${depth} times already; ${maxDepth} are allowed.`)
}

/**
 * Whether the path rules a place out: the conversation was there before, or it has a callback and would get another one, by any queue.
 * @param formerPlaces the place by earlier secrets
 */
export const isVisited = (path: readonly string[], place: string, formerPlaces: readonly string[] = []): boolean =>
  isCallbackPlace(place) ? path.some(isCallbackPlace) : path.includes(place) || formerPlaces.some((former) => path.includes(former))

/** Forbids a second visit, and a second callback. @throws Problem LOOP_DETECTED */
export function checkLoop({ path }: TransferHistory, place: string, formerPlaces?: readonly string[]): void {
  if (!isVisited(path, place, formerPlaces)) return
  if (isCallbackPlace(place)) throw new Problem('LOOP_DETECTED', `This conversation has a callback already: ${path.join(' > ')}.`)
  const wholePath = path.length > 1 ? `: ${path.join(' > ')}` : ''
  throw new Problem('LOOP_DETECTED', `This conversation was at ${place} before${wholePath}.`)
}

const attributeNames = ['transferDepth', 'transferPath', 'loopPreventionToken'] as const
/** Participant attributes that Handoff writes itself: the context of a request may not set them. */
export const reservedAttributes: readonly string[] = [...attributeNames, ...agentAttributeNames, callbackAttribute]

const createToken = (conversationId: string, depth: string, path: string, secret: string): string =>
  createHmac('sha256', secret).update(`${conversationId}\n${depth}\n${path}`).digest('hex')

/** The history as attributes of the customer, for flows and agents to read (docs/architecture.md#loop-guard). */
export function loopGuardAttributes(
  conversationId: string,
  { depth, path }: TransferHistory,
  secret: string,
): Record<(typeof attributeNames)[number], string> {
  const transferDepth = String(depth)
  const transferPath = path.join(' > ')
  return { transferDepth, transferPath, loopPreventionToken: createToken(conversationId, transferDepth, transferPath, secret) }
}

/**
 * The longer of two histories: the ledger's, and the one in the customer's attributes. The attributes may show more transfers if another
 * installation has moved the call, or if this ledger was restored from a backup. Attributes without a valid token are ignored, because
 * flows and agents can write attributes too.
 * @param secrets the secrets with which the token may have been made
 * @returns `ledgerHistory` itself, unless the attributes show more transfers
 */
export function longerHistory(
  ledgerHistory: TransferHistory,
  conversationId: string,
  attributes: Readonly<Record<string, string>>,
  secrets: readonly string[],
): TransferHistory {
  const { transferDepth = '', transferPath = '', loopPreventionToken = '' } = attributes
  const actual = Buffer.from(loopPreventionToken)
  const isMadeWith = (secret: string): boolean => {
    const expected = Buffer.from(createToken(conversationId, transferDepth, transferPath, secret))
    return actual.length === expected.length && timingSafeEqual(actual, expected)
  }
  if (!secrets.some(isMadeWith)) return ledgerHistory
  return Number(transferDepth) > ledgerHistory.depth
    ? { depth: Number(transferDepth), path: transferPath.split(' > ').filter(Boolean) }
    : ledgerHistory
}
