/** The platform's responses, reduced to what Handoff uses. Each parser returns undefined if the shape is not the documented one. */
import { asObject, asText, optionalProperty, type JsonFields } from '../model/json-fields.ts'

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
  state: string
  routingStatus: string
  /** The system presence in upper case, for example AVAILABLE or ON_QUEUE; UNKNOWN if the platform does not say. */
  presence: string
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
}

/** The platform writes both `On Queue` and `ON_QUEUE` (docs/genesys-cloud.md rule 51). */
const readPresence = (user: JsonFields | undefined): string =>
  (asText(asObject(asObject(user?.['presence'])?.['presenceDefinition'])?.['systemPresence']) ?? 'UNKNOWN')
    .toUpperCase()
    .replaceAll(/[\s-]+/g, '_')

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

/** Parses a `User`. The platform may leave out expanded fields; such a status is UNKNOWN, which counts neither as idle nor as present. */
export function parseUser(value: unknown): User | undefined {
  const user = asObject(value)
  const id = asText(user?.['id'])
  const state = asText(user?.['state'])
  return id && state ? { id, state, routingStatus: readRoutingStatus(user) ?? 'UNKNOWN', presence: readPresence(user) } : undefined
}

const absentPresences: ReadonlySet<string> = new Set(['OFFLINE', 'AWAY'])

/** Parses a page of `QueueMemberEntityListing`: its members who are joined, idle and present, and whether there is another page. */
export function parseIdleMembers(value: unknown, pageSize: number): { members: IdleMember[]; hasMore: boolean } | undefined {
  const page = asObject(value)
  const entities = page?.['entities']
  if (!page || !Array.isArray(entities)) return undefined
  const members = entities.map(asObject).flatMap((member) => {
    const user = asObject(member?.['user'])
    const userId = asText(member?.['id']) ?? asText(user?.['id'])
    // The query asks for idle members, so a member without a status is one.
    const status = readRoutingStatus(member) ?? readRoutingStatus(user) ?? 'IDLE'
    const isAvailable = member?.['joined'] !== false && status === 'IDLE' && !absentPresences.has(readPresence(user))
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
  const { priority, skills = [], language } = asObject(value) ?? {}
  if (typeof priority !== 'number' || !Array.isArray(skills)) return undefined
  return { priority, skillIds: readIds(skills), ...optionalProperty('languageId', asText(asObject(language)?.['id'])) }
}
