/** The platform's answers, cut down to what Handoff uses. Each reader gives undefined where the shape is not the documented one. */

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
  presence: string
}
export interface IdleMember {
  userId: string
  skillIds: string[]
}
export interface Routing {
  skillIds: string[]
  priority: number
  languageId?: string
}

type Shape = Readonly<Record<string, unknown>>

const object = (value: unknown): Shape | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Shape) : undefined
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** `Available` and `On Queue` as the platform writes them elsewhere: AVAILABLE, ON_QUEUE. */
const presenceOf = (user: Shape | undefined): string =>
  (text(object(object(user?.['presence'])?.['presenceDefinition'])?.['systemPresence']) ?? 'UNKNOWN')
    .toUpperCase()
    .replaceAll(/[\s-]+/g, '_')

const routingStatusOf = (holder: Shape | undefined): string | undefined => text(object(holder?.['routingStatus'])?.['status'])

/** `RoutingSkill` (genesys-api §5). */
export function skillOf(value: unknown): Skill | undefined {
  const { id, name, state } = object(value) ?? {}
  if (!text(id) || typeof name !== 'string') return undefined
  return state === 'active' || state === 'inactive' || state === 'deleted' ? { id: id as string, name, state } : undefined
}

/** `Queue`. */
export function queueOf(value: unknown): Queue | undefined {
  const { id, name } = object(value) ?? {}
  return text(id) && typeof name === 'string' ? { id: id as string, name } : undefined
}

/** `User`; expansions are best effort, so a status that was not told is UNKNOWN, which is neither idle nor present. */
export function userOf(value: unknown): User | undefined {
  const user = object(value)
  const id = text(user?.['id'])
  const state = text(user?.['state'])
  return id && state ? { id, state, routingStatus: routingStatusOf(user) ?? 'UNKNOWN', presence: presenceOf(user) } : undefined
}

const NOT_THERE = new Set(['OFFLINE', 'AWAY'])

/** A page of `QueueMemberEntityListing`: who in it is joined, idle and there, with their active skills; and whether there is another page. */
export function idleMembersOf(value: unknown, pageSize: number): { members: IdleMember[]; more: boolean } | undefined {
  const page = object(value)
  const entities = page?.['entities']
  if (!page || !Array.isArray(entities)) return undefined
  const members = entities.map(object).flatMap((member) => {
    const user = object(member?.['user'])
    const userId = text(member?.['id']) ?? text(user?.['id'])
    const status = routingStatusOf(member) ?? routingStatusOf(user) ?? 'IDLE'
    const idle = userId && member?.['joined'] !== false && status === 'IDLE' && !NOT_THERE.has(presenceOf(user))
    return idle ? [{ userId, skillIds: activeSkillsOf(user) }] : []
  })
  return { members, more: entities.length >= pageSize || text(page['nextUri']) !== undefined }
}

function activeSkillsOf(user: Shape | undefined): string[] {
  const skills = user?.['skills']
  return (Array.isArray(skills) ? skills : []).map(object).flatMap((skill) => {
    const id = text(skill?.['id'])
    return id && (skill?.['state'] ?? 'active') === 'active' ? [id] : []
  })
}

/** `RoutingConversationAttributesResponse`: what the platform now has, to be held against what was asked. */
export function routingOf(value: unknown): Routing | undefined {
  const { priority, skills = [], language } = object(value) ?? {}
  if (typeof priority !== 'number' || !Array.isArray(skills)) return undefined
  const languageId = text(object(language)?.['id'])
  return { priority, skillIds: skills.flatMap((skill) => text(object(skill)?.['id']) ?? []), ...(languageId && { languageId }) }
}
