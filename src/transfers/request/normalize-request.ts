/** What a request means: its targets in one form, its key, its identity. Everything that can be refused without asking anybody is refused here. */
import { createHash } from 'node:crypto'
import { Problem } from '../../model/problems.ts'
import type { Rules } from '../stage-context.ts'
import { reservedAttributes } from '../loop-guard.ts'
import { idempotencyKeyPattern, type ResolvedTarget, type Target, type Transfer, type TransferRequest } from '../../model/transfer.ts'

/** A place a call may go to, before anybody was asked whether it can. */
export type NormalizedTarget = Omit<ResolvedTarget, 'priority' | 'usedFallback'>

export interface NormalizedRequest {
  conversationId: string
  mode: Transfer['mode']
  target: Target
  fallback: Target[]
  priority: number
  context: Record<string, string>
  key: string | undefined
  traceparent: string
  /** Hash of what was asked, its key aside. */
  fingerprint: string
  /** Hash of conversation, place and mode. */
  identity: string
  /** Time until the answer, ms, where it is less than the rules allow. */
  deadlineMs?: number
  /** What the caller calls its request, for the audit trail. */
  origin?: Readonly<Record<string, string>>
}

const refuse = (field: string, detail: string): Problem => new Problem('INVALID_REQUEST', detail, { field })

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  return `{${Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => `${JSON.stringify(name)}:${canonical(one)}`)
    .join(',')}}`
}
const hash = (value: unknown): string => createHash('sha256').update(canonical(value)).digest('hex')

/**
 * Brings a target into one form: ids in lower case, skills as a sorted list, a skill's queue filled in.
 * @throws Problem INVALID_REQUEST naming the field
 */
export function normalizeTarget(target: Target, rules: Pick<Rules, 'defaultQueueId'>, field = 'target'): NormalizedTarget {
  const nowhere: NormalizedTarget = { type: target.type, queueId: null, userId: null, skillIds: [], languageId: null, address: null }
  const lower = (ids: readonly string[] = []): string[] => [...new Set(ids.map((id) => id.toLowerCase()))].toSorted()
  switch (target.type) {
    case 'agent':
      return { ...nowhere, userId: target.userId.toLowerCase() }
    case 'queue':
      return {
        ...nowhere,
        queueId: target.queueId.toLowerCase(),
        skillIds: lower(target.skillIds),
        languageId: target.languageId?.toLowerCase() ?? null,
      }
    case 'number':
      return { ...nowhere, address: target.address }
    case 'skill': {
      if ((target.skillId === undefined) === (target.skillIds === undefined))
        throw refuse(`${field}.skillId`, `${field} needs either skillId or skillIds.`)
      const queueId = target.queueId ?? rules.defaultQueueId
      if (!queueId) throw refuse(`${field}.queueId`, `${field}.queueId is not given, and no DEFAULT_QUEUE_ID is configured.`)
      return { ...nowhere, queueId: queueId.toLowerCase(), skillIds: lower(target.skillIds ?? [target.skillId as string]) }
    }
  }
}

/**
 * Reads a request whose shape was checked already.
 * @param headers the Idempotency-Key, where one came, and the trace context
 * @throws Problem INVALID_REQUEST naming the field
 */
export function normalizeRequest(
  request: TransferRequest,
  headers: { key?: string | undefined; traceparent: string },
  rules: Pick<Rules, 'defaultQueueId'>,
): NormalizedRequest {
  const headerKey = headers.key
  if (headerKey !== undefined && !new RegExp(idempotencyKeyPattern).test(headerKey))
    throw refuse('Idempotency-Key', 'Idempotency-Key must be 1 to 255 visible ASCII characters.')
  const { idempotencyKey, ...asked } = request
  if (headerKey !== undefined && idempotencyKey !== undefined && headerKey !== idempotencyKey)
    throw refuse('idempotencyKey', 'idempotencyKey and the Idempotency-Key header differ.')
  const context = request.context ?? {}
  const reserved = Object.keys(context).find((name) => reservedAttributes.includes(name))
  if (reserved) throw refuse(`context.${reserved}`, `context.${reserved} is kept by Handoff itself.`)

  const conversationId = request.conversationId.toLowerCase()
  const mode = request.mode ?? 'execute'
  const place = normalizeTarget(request.target, rules)
  const fallback = request.fallback ?? []
  fallback.forEach((target, at) => normalizeTarget(target, rules, `fallback[${at}]`))
  return {
    conversationId,
    mode,
    target: request.target,
    fallback,
    priority: request.priority ?? 0,
    context,
    key: headerKey ?? idempotencyKey,
    traceparent: headers.traceparent,
    fingerprint: hash({ ...asked, conversationId }),
    identity: hash({ conversationId, place, mode }),
  }
}
