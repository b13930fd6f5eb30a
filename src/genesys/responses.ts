/** The platform's responses, reduced to what Handoff uses. Each parser returns undefined if the shape is not the documented one. */
import { asObject, asText, optionalProperty, type JsonFields } from '../model/json-fields.ts'
import { isAway, parsePresence, type Presence } from './presence.ts'

export interface Skill {
  id: string
  name: string
  state: 'active' | 'inactive' | 'deleted'
}
export interface Queue {
  id: string
  name: string
}
export interface User {
  id: string
  /** Absent if the platform does not tell it. */
  name?: string
  state: string
  routingStatus: string
  presence: Presence
}
export interface IdleMember {
  userId: string
  /** Active skills only. */
  skillIds: string[]
}
export interface Routing {
  skillIds: string[]
  priority: number
  languageId?: string
  /** Agents to whom the call is offered first, the most wanted one first. Absent: none. */
  preferredUserIds?: string[]
}

const readPresence = (user: JsonFields | undefined): Presence =>
  parsePresence(asText(asObject(asObject(user?.['presence'])?.['presenceDefinition'])?.['systemPresence']))

const readRoutingStatus = (fields: JsonFields | undefined): string | undefined => asText(asObject(fields?.['routingStatus'])?.['status'])

const readIds = (list: readonly unknown[]): string[] => list.flatMap((item) => asText(asObject(item)?.['id']) ?? [])

/** Parses a `RoutingSkill` (docs/genesys-cloud.md rule 52). */
export function parseSkill(value: unknown): Skill | undefined {
  const fields = asObject(value)
  const id = asText(fields?.['id'])
  const { name, state } = fields ?? {}
  if (id === undefined || typeof name !== 'string') return undefined
  return state === 'active' || state === 'inactive' || state === 'deleted' ? { id, name, state } : undefined
}

/** Parses a `Queue`. */
export function parseQueue(value: unknown): Queue | undefined {
  const fields = asObject(value)
  const id = asText(fields?.['id'])
  const name = fields?.['name']
  return id !== undefined && typeof name === 'string' ? { id, name } : undefined
}

/** Parses a `User`. The platform may leave out expanded fields; a missing status or presence is UNKNOWN. */
export function parseUser(value: unknown): User | undefined {
  const user = asObject(value)
  const id = asText(user?.['id'])
  const state = asText(user?.['state'])
  if (!id || !state) return undefined
  const name = optionalProperty('name', asText(user?.['name']))
  return { id, ...name, state, routingStatus: readRoutingStatus(user) ?? 'UNKNOWN', presence: readPresence(user) }
}

/** Parses a page of `QueueMemberEntityListing`: its members who are joined, idle and not away, and whether there is another page. */
export function parseIdleMembers(value: unknown, pageSize: number): { members: IdleMember[]; hasMore: boolean } | undefined {
  const page = asObject(value)
  const entities = page?.['entities']
  if (!page || !Array.isArray(entities)) return undefined
  const members = entities.map(asObject).flatMap((member) => {
    const user = asObject(member?.['user'])
    const userId = asText(member?.['id']) ?? asText(user?.['id'])
    // The query asks for idle members, so a member without a status counts as idle, and one without a presence as present.
    const status = readRoutingStatus(member) ?? readRoutingStatus(user) ?? 'IDLE'
    const isAvailable = member?.['joined'] !== false && status === 'IDLE' && !isAway(readPresence(user))
    return userId && isAvailable ? [{ userId, skillIds: readActiveSkills(user) }] : []
  })
  return { members, hasMore: entities.length >= pageSize || asText(page['nextUri']) !== undefined }
}

function readActiveSkills(user: JsonFields | undefined): string[] {
  const skills = user?.['skills']
  return readIds(Array.isArray(skills) ? skills.filter((skill) => (asObject(skill)?.['state'] ?? 'active') === 'active') : [])
}

/** Parses a `RoutingConversationAttributesResponse`: the routing that the platform now has, to be compared with what was requested. */
export function parseRouting(value: unknown): Routing | undefined {
  const { priority, skills = [], language, scoredAgents = [] } = asObject(value) ?? {}
  if (typeof priority !== 'number' || !Array.isArray(skills) || !Array.isArray(scoredAgents)) return undefined
  const preferredUserIds = readScoredAgents(scoredAgents)
  return {
    priority,
    skillIds: readIds(skills),
    ...optionalProperty('languageId', asText(asObject(language)?.['id'])),
    ...(preferredUserIds.length > 0 && { preferredUserIds }),
  }
}

/** The ids of `ScoredAgent`s, those with the highest score first. */
const readScoredAgents = (list: readonly unknown[]): string[] =>
  list
    .map(asObject)
    .toSorted((a, b) => Number(b?.['score'] ?? 0) - Number(a?.['score'] ?? 0))
    .flatMap((scored) => asText(asObject(scored?.['agent'])?.['id']) ?? [])
