/** Runs a sample flow for a call of the test system: its queue is Support, its fallback is Sales. */
import { readFileSync } from 'node:fs'
import type { Test } from 'tap'
import type { setUpIvrCall } from '../support/calls.ts'
import { operationsKey } from '../support/settings.ts'
import type { TestSystem } from '../support/test-system.ts'
import { createArchitect } from './simulated-architect.ts'
import { runFlow, type FlowOptions, type FlowRun } from './simulated-flow.ts'

/** What the caller and the bot do, which steps fail, and the schedule group of the queue. */
export type Run = Pick<FlowOptions, 'key' | 'botSessions' | 'outcomes' | 'whilePlaying'> & { scheduleGroupId?: string }

/**
 * Connects a flow to the service.
 * @param file a name in the folder architect/
 * @returns a function that runs the flow for a call
 */
export function prepareFlow(t: Test, { url }: Pick<TestSystem, 'url'>, file: string) {
  const text = readFileSync(new URL(`../../architect/${file}`, import.meta.url), 'utf8')
  const architect = createArchitect({ baseUrl: url, apiKey: operationsKey })
  t.teardown(() => architect.close())
  return (
    { conversationId, queueId, otherQueueId, skillId }: ReturnType<typeof setUpIvrCall>,
    { scheduleGroupId = '', ...run }: Run = {},
  ): Promise<FlowRun> =>
    runFlow(text, {
      architect,
      conversationId,
      placeholders: {
        integration_name: 'Handoff',
        queue: 'Support',
        fallback_queue: 'Sales',
        schedule_group_id: scheduleGroupId,
        skill_id: skillId,
        bot_integration: 'Audio Connector',
        bot_connector_id: 'support-bot',
      },
      queueIds: { Support: queueId, Sales: otherQueueId },
      ...run,
    })
}
