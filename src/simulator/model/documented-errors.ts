/** Which error codes the simulated platform answers with: their HTTP status and their documented message. */

/**
 * By code: the HTTP status and the message, in which each `%s` is a parameter. Transfer commands have codes of their own
 * (docs/genesys-cloud.md rule 6), the others are generic (rule 71). No 409 code is published (rule 72); `general.conflict` is assumed.
 */
export const documentedErrors = {
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

export type PlatformErrorCode = keyof typeof documentedErrors
