/** How callbacks are created over HTTP. */
import { createCallback, type CallbackRequest } from '../calls/callbacks.ts'
import { PlatformError } from '../model/platform-error.ts'
import type { Operation } from './operation.ts'
import { parseObject, parseOptionalString } from './parameters.ts'

function parseStrings(value: unknown): string[] {
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) throw new PlatformError('bad.request')
  return value
}

/** The fields of a `CreateCallbackOnConversationCommand`. @throws {PlatformError} 400, also without a number or a queue. */
function parseCallback(body: unknown): Omit<CallbackRequest, 'conversationId' | 'participantId'> {
  const fields = parseObject(body)
  const routing = parseObject(fields['routingData'] ?? {})
  const queueId = parseOptionalString(fields, 'queueId') ?? parseOptionalString(routing, 'queueId')
  const numbers = parseStrings(fields['callbackNumbers'])
  const userName = parseOptionalString(fields, 'callbackUserName')
  const scheduledTime = parseOptionalString(fields, 'callbackScheduledTime')
  if (queueId === undefined || numbers.length === 0) throw new PlatformError('bad.request')
  if (scheduledTime !== undefined && Number.isNaN(Date.parse(scheduledTime))) throw new PlatformError('bad.request')
  const data = parseObject(fields['data'] ?? {})
  parseStrings(Object.values(data))
  return {
    queueId,
    skillIds: parseStrings(routing['skillIds'] ?? []),
    priority: Number(routing['priority'] ?? 0),
    numbers,
    data: data as Record<string, string>,
    ...(userName !== undefined && { userName }),
    ...(scheduledTime !== undefined && { scheduledTime }),
  }
}

/** The operation answers 202 with an empty body, as commands do (docs/genesys-cloud.md rules 2 and 94). */
export const callbackOperations: readonly Operation[] = [
  {
    method: 'POST',
    path: '/conversations/:conversationId/participants/:participantId/callbacks',
    requires: { anyOf: ['conversation:callback:create'] },
    handle: ({ platform }, { params, body }) => {
      const { conversationId = '', participantId = '' } = params
      createCallback(platform, { conversationId, participantId, ...parseCallback(body) })
      return { status: 202 }
    },
  },
]
