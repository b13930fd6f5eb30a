/** A flat request as the request that it stands for; its form and its answer: flat.ts. */
import { Problem } from '../model/problems.ts'
import { FlatRequestSchema, type FlatField } from './flat-response.ts'
import type { TransferRequest } from '../model/transfer.ts'

type Given = Partial<Record<FlatField, string>>
const refuse = (field: FlatField, detail: string): Problem => new Problem('INVALID_REQUEST', detail, { field })

/** What was given, as text. @throws Problem for what is no text or number */
function givenIn(body: Readonly<Record<string, unknown>>): Given {
  const given: Given = {}
  for (const field of Object.keys(FlatRequestSchema.properties) as FlatField[]) {
    const value = body[field] ?? ''
    if (typeof value !== 'string' && typeof value !== 'number') throw refuse(field, `${field} must be text.`)
    const text = String(value).trim()
    if (text !== '') given[field] = text
  }
  return given
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const e164 = /^\+[1-9][0-9]{6,14}$/
const visible = /^[\x21-\x7e]{1,255}$/

function fitting(given: Given, field: FlatField, form: RegExp, what: string): string | undefined {
  const text = given[field]
  if (text !== undefined && !form.test(text)) throw refuse(field, `${field} must be ${what}.`)
  return text
}
const id = (given: Given, field: FlatField): string | undefined => fitting(given, field, uuid, 'an id (a UUID)')

/** The id that may be said in either of two fields. */
function either(given: Given, twin: FlatField): string {
  const [one, other] = [id(given, 'targetId'), id(given, twin)]
  if (one && other && one.toLowerCase() !== other.toLowerCase()) throw refuse('targetId', `targetId and ${twin} differ.`)
  const found = one ?? other
  if (!found) throw refuse('targetId', 'targetId is required.')
  return found
}
function required(text: string | undefined, field: FlatField): string {
  if (text === undefined) throw refuse(field, `${field} is required.`)
  return text
}

type Target = TransferRequest['target']
const targets: Readonly<Record<Target['type'], (given: Given) => Target>> = {
  agent: (given) => ({ type: 'agent', userId: required(id(given, 'targetId'), 'targetId') }),
  queue(given) {
    const skillId = id(given, 'skillId')
    return { type: 'queue', queueId: either(given, 'queueId'), ...(skillId && { skillIds: [skillId] }) }
  },
  skill(given) {
    const queueId = id(given, 'queueId')
    return { type: 'skill', skillId: either(given, 'skillId'), ...(queueId && { queueId }) }
  },
  number: (given) => ({
    type: 'number',
    address: required(fitting(given, 'targetId', e164, 'a number in E.164 form'), 'targetId'),
  }),
}
const modes = { execute: 'execute', decide: 'decide', dryrun: 'dryRun' } as const

function oneOf<T>(given: Given, field: FlatField, words: Readonly<Record<string, T>>, names: string): T | undefined {
  const word = given[field]?.toLowerCase()
  if (word === undefined) return undefined
  if (!Object.hasOwn(words, word)) throw refuse(field, `${field} must be one of ${names}.`)
  return words[word]
}

function priorityIn(given: Given): number | undefined {
  const text = fitting(given, 'priority', /^[+-]?\d{1,8}(\.0+)?$/, 'a whole number')
  const priority = text === undefined ? undefined : Number(text) || 0
  if (priority !== undefined && Math.abs(priority) > 25_000_000) throw refuse('priority', 'priority must be from -25000000 to 25000000.')
  return priority
}

/**
 * A flat request as the request that it stands for.
 * @param body JSON of any shape
 * @throws Problem INVALID_REQUEST naming the flat field
 */
export function requestOf(body: unknown): TransferRequest {
  if (body === null || typeof body !== 'object' || Array.isArray(body))
    throw new Problem('INVALID_REQUEST', 'The body must be a JSON object.')
  const given = givenIn(body as Record<string, unknown>)
  const conversationId = required(id(given, 'conversationId'), 'conversationId')
  const target = oneOf(given, 'targetType', targets, 'agent, queue, skill, number')
  if (!target) throw refuse('targetType', 'targetType is required.')
  const [priority, mode] = [priorityIn(given), oneOf(given, 'mode', modes, 'execute, decide, dryRun')]
  const fallbackQueueId = id(given, 'fallbackQueueId')
  const idempotencyKey = fitting(given, 'idempotencyKey', visible, '1 to 255 visible ASCII characters')
  return {
    conversationId,
    target: target(given),
    ...(priority !== undefined && { priority }),
    ...(mode && { mode }),
    ...(fallbackQueueId && { fallback: [{ type: 'queue', queueId: fallbackQueueId }] }),
    ...(idempotencyKey && { idempotencyKey }),
  }
}
