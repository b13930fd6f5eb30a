/** Whether the agents that a queue is to prefer exist and are active (docs/architecture.md#preferred-agents). */
import { Problem } from '../../model/problems.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import type { StageContext } from '../stage-context.ts'
import { readForCondition } from './conditions.ts'

/**
 * Requires that preferred agents exist and are active: an id with a mistake in it would never have an effect, and nobody would know.
 * Whether they are members of the queue is not checked, because the platform leaves out those who are not.
 * @param userIds ids in lower case
 * @param field the path of the list in the request
 * @returns warnings about agents that the platform did not tell about: they count as existing, because the caller is waiting
 * @throws Problem TARGET_NOT_FOUND or TARGET_INACTIVE that names the agent's place in the list
 */
export async function requirePreferredAgents(
  userIds: readonly string[],
  field: string,
  record: TransferRecord,
  context: StageContext,
): Promise<string[]> {
  const reads = userIds.map(async (userId, index) => {
    const path = `${field}[${index}]`
    const { value, warnings } = await readForCondition(
      'preferredUserIds',
      async (options) => ({ user: await context.directory.userDefinition(userId, options), ageMs: 0 }),
      record,
      context,
      () => new Problem('TARGET_NOT_FOUND', `The platform has no user ${userId} (${path}).`, { field: path }),
    )
    if (value && value.user.state !== 'active')
      throw new Problem('TARGET_INACTIVE', `User ${userId} is ${value.user.state} (${path}).`, { field: path })
    return warnings
  })
  return [...new Set((await Promise.all(reads)).flat())]
}
