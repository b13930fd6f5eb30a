/** Whether the queues and skills that the settings or the operator name are there and of use. */
import { bad, ok, warning, type Finding } from './finding.ts'
import type { PlatformLine } from './platform-line.ts'

const unseen = 'see whether the id is right, and whether the role of the OAuth client covers the division it is in.'

/** `name` is the setting or flag that named it. */
export async function checkQueue(line: PlatformLine, name: string, id: string): Promise<Finding> {
  const check = `${name} ${id}`
  const { status, body } = await line.ask('GET', `/routing/queues/${encodeURIComponent(id)}`)
  if (status === 404) return bad(check, 'the platform knows no such queue, or does not show it.', unseen)
  if (status === 403) return bad(check, 'the platform does not show it.', 'see the permission above, and its divisions.')
  if (status !== 200) return bad(check, `it could not be read (${status}).`, 'ask again.')
  const { name: called = '', memberCount, joinedMemberCount } = body
  const words = `queue "${String(called)}"`
  if (memberCount === 0) return warning(check, `${words} has no members: calls would wait there for nobody.`, 'add agents to it.')
  if (joinedMemberCount === 0)
    return warning(check, `nobody of ${words} has joined it.`, 'agents join it in their desktop, or a supervisor lets them.')
  return ok(check, `${words}${typeof memberCount === 'number' ? `, ${memberCount} members` : ''}.`)
}

export async function checkSkill(line: PlatformLine, id: string): Promise<Finding> {
  const check = `--skill ${id}`
  const { status, body } = await line.ask('GET', `/routing/skills/${encodeURIComponent(id)}`)
  if (status === 404) return bad(check, 'the platform knows no such skill.', unseen)
  if (status !== 200) return bad(check, `it could not be read (${status}).`, 'see the permission above, or ask again.')
  if (body['state'] !== 'active') return bad(check, `the skill is ${String(body['state'])}.`, 'activate it, or ask for another.')
  return ok(check, `skill "${String(body['name'])}", active.`)
}
