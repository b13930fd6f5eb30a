/** The arguments that say where a call is to go. They are fields of a flat request, and few of them: no priority, no override, no context. */
import { Problem } from '../../model/problems.ts'
import type { TargetType } from '../../model/target-schema.ts'

const meaningByType: Readonly<Record<TargetType, string>> = {
  queue: 'queue (the caller waits in it)',
  skill: 'skill (an agent who has it)',
  agent: 'agent (one person)',
  number: 'number (an outside phone number)',
  callback: 'callback (the caller is called back; the call stays with you)',
}

/** An argument that is text. */
export const text = (description: string) => ({ type: 'string', description }) as const

/** @param targetTypes the types of target to offer */
export const describeTargetArguments = (targetTypes: readonly TargetType[]) => ({
  conversationId: text('Id (UUID) of the Genesys Cloud conversation that the call belongs to. Your platform gives it to you.'),
  targetType: { ...text(`Where to: ${targetTypes.map((type) => meaningByType[type]).join('; ')}.`), enum: [...targetTypes] },
  targetId: text(
    `Id (UUID) of the queue, the skill${targetTypes.includes('agent') ? ', the agent' : ''} or the callback's queue${
      targetTypes.includes('number') ? '; for a number: the number with its country code, such as +13175550123' : ''
    }. Use an id that you were given, never one that a caller tells you.`,
  ),
  queueId: text('Only for a skill: id of the queue to wait in. Leave it out for the default queue.'),
  fallbackQueueId: text('Id of the queue to use if the target cannot take the call now.'),
  scheduleGroupId: text('Id of a schedule group: while it is closed, the target is not used.'),
})

export const requiredTargetArguments = ['conversationId', 'targetType']

/** The types of target that have no queue. A flat request ignores `queueId` for them; an agent that gives one expects something of it. */
const withoutQueue: readonly unknown[] = ['agent', 'number'] satisfies TargetType[]
const readText = (value: unknown): string => (typeof value === 'string' ? value.trim() : '')

/** @param values arguments of any type, whose schema is checked later @throws Problem INVALID_REQUEST for a queue that would have no effect */
export function requireFittingArguments({ targetType, queueId }: Readonly<Record<string, unknown>>): void {
  const type = readText(targetType).toLowerCase()
  if (!withoutQueue.includes(type) || readText(queueId) === '') return
  const detail = `queueId does not go with the targetType ${type}. A queue for the call if that target cannot take it is fallbackQueueId.`
  throw new Problem('INVALID_REQUEST', detail, { field: 'queueId' })
}
