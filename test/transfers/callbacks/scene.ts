/** Sets up a call whose target is closed and whose fallback is a callback, and reads what the platform and Handoff recorded about it. */
import type { Test } from 'tap'
import type { Target } from '../../../src/model/target-schema.ts'
import { setUpIvrCall } from '../../support/calls.ts'
import { operationsKey } from '../../support/settings.ts'
import type { TestSystem } from '../../support/test-system.ts'
import { addHolidayGroup } from '../conditions/opening-hours.ts'

export const callbackCommand = 'POST /conversations/{id}/participants/{id}/callbacks'
/** The number of the caller of `setUpIvrCall`. */
export const callerNumber = '+4915112345678'

const chiefKey = `hk_chief_${'c'.repeat(43)}`
/** A setting with the usual key and one that may skip checks, and the headers of the latter. */
export const withChiefKey = {
  API_KEYS: `${operationsKey}:transfers:write+transfers:read+audit:read,${chiefKey}:transfers:write+transfers:override`,
}
export const asChief = { authorization: `Bearer ${chiefKey}` }

/** Adds a call in the IVR. @returns its IDs, a queue target that is closed for a holiday, and a callback target for the other queue */
export function setUpClosedQueue({ control }: Pick<TestSystem, 'control'>) {
  const ids = setUpIvrCall(control)
  const callback: Target = { type: 'callback', queueId: ids.otherQueueId }
  const closed: Target = { type: 'queue', queueId: ids.queueId, openHours: { scheduleGroupId: addHolidayGroup(control, 2) } }
  return { ...ids, callback, closed }
}

/** The statuses of a transfer's audit entries, without those about webhook deliveries. */
export async function readStatuses({ request }: Pick<TestSystem, 'request'>, id: string): Promise<string[]> {
  interface Trail {
    entries: Array<{ status: string }>
  }
  const { entries } = (await request<Trail>('GET', `/v1/transfers/${id}/audit`)).body
  return entries.map(({ status }) => status).filter((status) => !status.startsWith('delivery_'))
}

/** Asserts that the platform has one callback of the conversation, and never moved the call. */
export function assertOneCallback(
  t: Pick<Test, 'equal' | 'strictSame'>,
  { control }: Pick<TestSystem, 'control'>,
  conversationId: string,
): void {
  t.equal(control.callbacks(conversationId).length, 1, 'the platform has one callback')
  t.strictSame(control.transfers(conversationId), [], 'the call has stayed where it was')
}
