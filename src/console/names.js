/** Names of queues, skills and agents, as far as the service has told them. Where there is none, the start of the id stands for it. */

/** The most names that are kept. */
const mostNames = 5_000
const names = new Map()
/** What the ids are of, as far as a transfer has shown it: queue, skill or agent. */
const kinds = new Map()

function remember(map, id, value) {
  // The last ones that were told are kept.
  if (map.delete(id)) return void map.set(id, value)
  if (map.size >= mostNames) map.delete(map.keys().next().value)
  map.set(id, value)
}

/** What the fields of a target are ids of. */
const kindsOfFields = {
  queueId: 'queue',
  skillId: 'skill',
  skillIds: 'skill',
  userId: 'agent',
  agentUserId: 'agent',
  preferredUserIds: 'agent',
}
function rememberKinds(target) {
  for (const [field, kind] of Object.entries(kindsOfFields))
    for (const id of [target?.[field] ?? []].flat()) if (kinds.get(id) !== kind) remember(kinds, id, kind)
}

/** Remembers the names that an answer contains: the object `names`, by id, and what the ids in its transfers are of. */
export function rememberNames(answer) {
  if (answer === null || typeof answer !== 'object') return
  for (const [id, name] of Object.entries(answer.names ?? {}))
    if (typeof name === 'string' && names.get(id) !== name) remember(names, id, name)
  for (const transfer of [answer, answer.transfer, ...(answer.transfers ?? [])])
    if (transfer) [transfer, transfer.target, transfer.resolvedTarget].forEach(rememberKinds)
}

/** The ids in a transfer that people read: of queues, skills and agents. */
export const listIds = ({ target, resolvedTarget, agentUserId, hops = [] }) =>
  [target, resolvedTarget, { agentUserId }, ...hops.map((hop) => hop.resolvedTarget)].flatMap((part) =>
    Object.keys(kindsOfFields).flatMap((field) => part?.[field] ?? []),
  )

/** Whether a text is an id (a UUID). */
export const isId = (text) => /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(text)
/** An id as people read it: its first and last characters. */
export const shortId = (id) => (isId(id) ? `${id.slice(0, 8)}…${id.slice(-4)}` : id)
export const hasName = (id) => names.has(id)
export const nameOf = (id) => names.get(id) ?? shortId(id)
/** The known names of a kind (queue, skill or agent), in order. */
export const listNames = (kind) =>
  [...new Set([...names].filter(([id]) => kinds.get(id) === kind).map(([, name]) => name))].toSorted((one, other) =>
    one.localeCompare(other),
  )
/** The ids of a kind that have this name. */
const idsOf = (text, kind) => [...names].filter(([id, name]) => name === text && kinds.get(id) === kind).map(([id]) => id)
/** The id that someone has entered, by a name or as it is; undefined if no one thing has this name. */
export function idOf(text, kind) {
  if (isId(text)) return text.toLowerCase()
  const ids = idsOf(text, kind)
  return ids.length === 1 ? ids[0] : undefined
}
/** What stands in a field for an id: its name, if nothing else has this name, too. */
export const entryOf = (id, kind) => (idsOf(names.get(id), kind).length === 1 ? names.get(id) : id)

const describers = {
  agent: ({ userId }) => nameOf(userId),
  queue: ({ queueId }) => nameOf(queueId),
  skill: ({ skillIds = [], skillId, queueId }) =>
    `${(skillIds.length > 0 ? skillIds : [skillId ?? '?']).map(nameOf).join(', ')}${queueId ? ` in ${nameOf(queueId)}` : ''}`,
  number: ({ address }) => address ?? 'a number',
  callback: ({ queueId }) => `Callback by ${nameOf(queueId)}`,
}

/** Where a target is, in words. */
export const describeTarget = (target) => (target ? (describers[target.type]?.(target) ?? target.type) : '–')

/** Whether a transfer creates a callback instead of moving the call. */
export const isCallback = ({ resolvedTarget, target }) => (resolvedTarget ?? target).type === 'callback'

/** Where the call of a transfer goes or went: the target that was chosen, else the one that was asked for. */
export const describePlace = ({ resolvedTarget, target }) => describeTarget(resolvedTarget ?? target)

/** An entry of `transferPath` or `considered`, such as queue:9e0e…, in words. */
export function describePathEntry(entry) {
  const [type, ...ids] = entry.split(':')
  // Of a number there is a keyed hash only.
  if (type === 'number') return 'an outside number'
  return ids.length > 0 ? `${type} ${ids.join(':').split(/[+,@]/).map(nameOf).join(', ')}` : entry
}

/** A detail of what happened in words: an id, or a place such as queue:9e0e…, by its name. */
export function describeValue(value) {
  if (typeof value !== 'string') return String(value)
  if (isId(value)) return nameOf(value)
  return /^(agent|queue|skill|number|callback):/.test(value) ? describePathEntry(value) : value
}

/** A message of the service with names for the places in it, such as queue:9e0e…. */
export const describeMessage = (message) => message.replaceAll(/\b(agent|queue|skill|number|callback):[\w+@-]+/g, describePathEntry)
