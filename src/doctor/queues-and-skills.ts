/** Whether the queues and skills that settings or flags name exist and can be used. */
import { asText } from '../model/json-fields.ts'
import { createFailure, createPass, createWarning, type CheckResult } from './check-result.ts'
import type { PlatformConnection } from './platform-connection.ts'

const checkIdAndDivision = 'check the id, and whether the role of the OAuth client covers its division.'

/** Whether a queue exists and has members who have joined it. @param source the setting or flag that names the queue */
export async function checkQueue(connection: PlatformConnection, source: string, id: string): Promise<CheckResult> {
  const check = `${source} ${id}`
  const { status, body } = await connection.request('GET', `/routing/queues/${encodeURIComponent(id)}`)
  if (status === 404) return createFailure(check, 'the platform has no such queue, or does not show it.', checkIdAndDivision)
  if (status === 403)
    return createFailure(
      check,
      'the platform does not show it.',
      'check that the role of the OAuth client has routing:queue:view, and covers the division of the queue.',
    )
  if (status !== 200) return createFailure(check, `it could not be read (${status}).`, 'try again.')
  const { name, memberCount, joinedMemberCount } = body
  const queue = `queue "${asText(name) ?? ''}"`
  if (memberCount === 0) return createWarning(check, `${queue} has no members: calls would wait there forever.`, 'add agents to it.')
  if (joinedMemberCount === 0)
    return createWarning(check, `no member of ${queue} has joined it.`, 'agents join it in their desktop, or a supervisor activates them.')
  return createPass(check, `${queue}${typeof memberCount === 'number' ? `, ${memberCount} members` : ''}.`)
}

/** Whether a skill exists and is active. */
export async function checkSkill(connection: PlatformConnection, id: string): Promise<CheckResult> {
  const check = `--skill ${id}`
  const { status, body } = await connection.request('GET', `/routing/skills/${encodeURIComponent(id)}`)
  if (status === 404) return createFailure(check, 'the platform has no such skill.', checkIdAndDivision)
  if (status !== 200)
    return createFailure(
      check,
      `it could not be read (${status}).`,
      'check that the role of the OAuth client has routing:skill:view, or try again.',
    )
  if (body['state'] !== 'active') return createFailure(check, `the skill is ${String(body['state'])}.`, 'activate it, or use another one.')
  return createPass(check, `skill "${String(body['name'])}", active.`)
}
