/** What a run says that it is about to do, before it asks for permission. */
import type { RunOptions } from './run-context.ts'

const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`

/** The lines of the plan, each at most 80 characters. */
export function describePlan(options: RunOptions): string[] {
  const { conversationId, queueId, agentId, secondQueueId, shouldSendLateCommand, callbackNumber, consultWaitMs, pickupWaitMs } = options
  const numbered = [
    'write the attribute handoffAcceptance to the caller, longer and longer,\nthen empty it',
    `move the call with replace/queue to the queue\n${queueId}`,
    `set priority 1${agentId === undefined ? '' : ' and prefer the agent\n' + agentId}`,
    ...(secondQueueId === undefined ? [] : [`when it rings at an agent, move it to the queue\n${secondQueueId}`]),
    `wait up to ${seconds(pickupWaitMs)} for an agent to pick up`,
    ...(shouldSendLateCommand ? ['send one more command just after the pickup: the agent may lose the call'] : []),
    ...(consultWaitMs > 0 ? [`watch the agent consult someone, for up to ${seconds(consultWaitMs)}`] : []),
    ...(callbackNumber === undefined ? [] : ['create a callback to the number of --callback-number']),
  ]
  return [
    'This is about to happen to the conversation',
    `  ${conversationId}`,
    ...numbered.flatMap((text, index) =>
      text.split('\n').map((line, lineIndex) => (lineIndex === 0 ? `  ${index + 1}. ${line}` : `     ${line}`)),
    ),
    'No other call is touched.',
  ]
}
