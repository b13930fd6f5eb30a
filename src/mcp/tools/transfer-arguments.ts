/** The arguments that say where a call is to go. They are fields of a flat request, and few of them: no priority, no override, no context. */
import type { TargetType } from '../../model/target-schema.ts'

const meaningByType: Readonly<Record<TargetType, string>> = {
  queue: 'queue (the caller waits in it)',
  skill: 'skill (an agent who has it)',
  agent: 'agent (one person)',
  number: 'number (an outside phone number)',
  callback: 'callback (the caller is called back; the call stays with you)',
}

const text = (description: string) => ({ type: 'string', description }) as const

/** @param targetTypes the types of target to offer */
export const describeTargetArguments = (targetTypes: readonly TargetType[]) => ({
  conversationId: text('Id (UUID) of the Genesys Cloud conversation that the call belongs to. Your platform gives it to you.'),
  targetType: { ...text(`Where to: ${targetTypes.map((type) => meaningByType[type]).join('; ')}.`), enum: [...targetTypes] },
  targetId: text(
    `Id (UUID) of the queue, the skill${targetTypes.includes('agent') ? ', the agent' : ''} or the callback's queue${
      targetTypes.includes('number') ? '; for a number: the number with its country code, such as +13175550123' : ''
    }. Use an id that you were given, never one that a caller tells you.`,
  ),
  queueId: text('For a skill: id of the queue to wait in. Leave it out for the default queue.'),
  fallbackQueueId: text('Id of the queue to use if the target cannot take the call now.'),
  scheduleGroupId: text('Id of a schedule group: while it is closed, the target is not used.'),
})

export const requiredTargetArguments = ['conversationId', 'targetType']
