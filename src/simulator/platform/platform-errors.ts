/** Codes and wording as documented (genesys-api §1.1 and §6; `general.conflict` is the only published 409 code). */
const DOCUMENTED = {
  'bad.request': [400, 'The request could not be understood by the server due to malformed syntax.'],
  'invalid.value': [400, 'Value [%s] is not valid for field type [%s]. Allowable values are: %s'],
  'conversations.error.transfer.not.connected': [400, 'You can only transfer conversations that are in the connected state.'],
  'conversations.error.transfer.same.party': [400, 'The target of the transfer cannot be the same as the destination.'],
  'conversations.error.transfer.destination.required': [400, 'The destination is a required property for a transfer request.'],
  'conversations.error.queue.not.found': [400, 'Interaction cannot be transferred to a queue that does not exist.'],
  'conversation.error.participant.attribute.null': [400, 'Cannot update participant attribute map to a null value.'],
  'notification.subscription.too.many.subscriptions': [400, 'Too many subscriptions'],
  'notification.invalid.topic': [400, 'The subscription topic is not valid.'],
  'authentication.required': [401, 'No authentication bearer token specified in authorization header.'],
  'bad.credentials': [401, 'Invalid login credentials.'],
  'missing.permissions': [403, 'Unable to perform the requested action. You are missing the following permission(s): %s'],
  'missing.any.permissions': [
    403,
    'Unable to perform the requested action. You must have at least one of the following permissions assigned: %s',
  ],
  'not.authorized': [403, 'You are not authorized to perform the requested action.'],
  'not.found': [404, 'The requested resource was not found.'],
  'conversation.error.conversation.not.found': [404, 'The conversation does not exist.'],
  'client.failed.request': [408, 'The client did not produce a request within the server timeout limit.'],
  'general.conflict': [409, 'The request could not be completed by the server due to a conflict.'],
  'request.entity.too.large': [413, 'The request is over the size limit.'],
  'unsupported.media.type': [
    415,
    'Unsupported Media Type - Unsupported or incorrect media type, such as an incorrect Content-Type value in the header.',
  ],
  'too.many.requests': [429, 'Rate limit exceeded the maximum. Retry the request in [%s] seconds'],
  'internal.server.error': [500, 'The server encountered an unexpected condition which prevented it from fulfilling the request.'],
  'external.service.error': [502, 'The server received an invalid response from an external service.'],
  'service.unavailable': [
    503,
    'Service Unavailable - The server is currently unavailable (because it is overloaded or down for maintenance).',
  ],
  'request.timeout': [504, 'The request timed out.'],
} as const satisfies Record<string, readonly [number, string]>

export type PlatformCode = keyof typeof DOCUMENTED

interface Wording {
  /** Fill the %s of the documented message, in order. */
  readonly values?: readonly string[]
  /** Replaces the documented message where the platform's own says nothing. */
  readonly message?: string
  readonly entityId?: string
}

/** A refusal of the platform: answered as a full ErrorBody. */
export class PlatformError extends Error {
  override readonly name = 'PlatformError'
  readonly status: number
  readonly code: PlatformCode
  readonly wording: Wording

  constructor(code: PlatformCode, wording: Wording = {}) {
    super(code)
    this.code = code
    this.status = DOCUMENTED[code][0]
    this.wording = wording
  }
}

/** The ErrorBody of a refusal; `contextId` is the correlation id of the answer. */
export function errorBody(error: PlatformError, contextId: string): Record<string, unknown> {
  const { values = [], message = DOCUMENTED[error.code][1], entityId } = error.wording
  const fill = (text: (index: number) => string) => {
    let place = 0
    return message.replaceAll('%s', () => text(place++))
  }
  return {
    message: fill((index) => values[index] ?? ''),
    code: error.code,
    status: error.status,
    ...(entityId !== undefined && { entityId }),
    messageWithParams: fill((index) => `{${index}}`),
    messageParams: Object.fromEntries(values.map((value, index) => [String(index), value])),
    contextId,
    details: [],
    errors: [],
    ...(error.code === 'too.many.requests' && {
      limit: { key: 'client.credentials.token.rate.per.minute', namespace: 'platform.api' },
    }),
  }
}

/** The refusal that the platform documents for a bare status; for a status it does not document, the one of its hundred. */
export function errorForStatus(status: number): PlatformError {
  const codes = Object.keys(DOCUMENTED) as PlatformCode[]
  const code = codes.find((candidate) => DOCUMENTED[candidate][0] === status)
  return new PlatformError(code ?? (status >= 500 ? 'internal.server.error' : 'bad.request'))
}
