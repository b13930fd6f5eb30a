/** The webhooks of the document: each event that the CRM gets, when it comes, and what it contains (docs/architecture.md#crm-webhooks). */
import { eventName, eventSchemas, testEventType } from '../../routes/schemas/webhook-event.ts'
import type { OpenApiDocument, OperationObject, ParameterObject, PathItem, SchemaObject } from './document-types.ts'
import { eventExamples } from './examples/events.ts'
import { madeUp } from './examples/scene.ts'

interface EventText {
  summary: string
  description: string
}

/** When each event about a transfer comes. */
const transferEvents: Readonly<Record<string, EventText>> = {
  'transfer.initiated': {
    summary: 'The platform has accepted the transfer',
    description: 'The call is on its way or waits. With `decide`: the flow was seen to have moved the call.',
  },
  'transfer.overflowed': {
    summary: 'Nobody has picked up in time, and the call was moved on',
    description: 'Comes once for each further place; `hop` is its number, and `targetType` and the ids say where the call is now.',
  },
  'transfer.picked_up': { summary: 'An agent has picked up', description: '`agentUserId`, `pickupTime` and `pickupMs` say who and when.' },
  'transfer.timeout': {
    summary: 'Nobody has picked up in time',
    description: 'The call is not lost: it may still wait, and be picked up later. A late pickup is in the audit trail; it has no event.',
  },
  'transfer.abandoned': { summary: 'The caller hung up before an agent picked up', description: 'The last event of the transfer.' },
  'transfer.failed': {
    summary: 'The platform did not complete the transfer',
    description:
      '`code` says why: TRANSFER_FAILED, FLOWED_OUT (the in-queue flow moved the call elsewhere), GENESYS_CONFLICT, or DECISION_NOT_FOLLOWED (`decide`: the flow did not move the call).',
  },
  'transfer.superseded': {
    summary: 'A newer transfer, or an action outside Handoff, moved the call on',
    description: '`message` says which. A newer transfer has its own events.',
  },
  'transfer.callback_created': {
    summary: 'A callback was created instead of a transfer',
    description: 'The call stays where it was; `callbackConversationId` is the conversation of the callback, if it is known.',
  },
  'transfer.rejected': {
    summary: 'The transfer was refused, and nothing was done',
    description: '`code` is the same as in the answer to the request. A request that is not valid at all has no transfer and no event.',
  },
  'transfer.indeterminate': {
    summary: 'It is not known whether the platform moved the call',
    description: 'Handoff keeps looking, and another event follows once it knows, or once an operator has settled the transfer.',
  },
}

const testEvent: EventText = {
  summary: 'A test, sent by POST /v1/webhook-endpoints/{id}/test',
  description: 'No call was moved. It is sent once, and not retried.',
}
const testExample = {
  type: testEventType,
  timestamp: '2026-11-20T09:30:00.000Z',
  data: { message: 'This is a test of Handoff; no call was moved.' },
}

const delivery =
  'At least once, and in order for each transfer. Any 2xx within 15 seconds counts as delivered; otherwise it is sent again with the same `webhook-id`, ten attempts in all within about three days.'

const header = (name: string, required: boolean, description: string, example: string): ParameterObject => ({
  name,
  in: 'header',
  required,
  description,
  schema: { type: 'string' },
  example,
})
/** The headers of every delivery. */
const headers = {
  'webhook-id': header(
    'webhook-id',
    true,
    'The same for all attempts: remember it to recognize an event that comes twice',
    madeUp.delivery,
  ),
  'webhook-timestamp': header(
    'webhook-timestamp',
    true,
    'Unix time of this attempt, seconds. Refuse an attempt that is older than five minutes',
    '1795167000',
  ),
  'webhook-signature': header(
    'webhook-signature',
    true,
    'Standard Webhooks: `v1,` and the Base64 of an HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`. The key is the bytes that the `whsec_` secret encodes; while a secret is rotated there are several signatures, separated by spaces',
    'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
  ),
  'x-transfer-signature': header(
    'x-transfer-signature',
    true,
    '`sha256=` and the hex of an HMAC-SHA256 over `<webhook-timestamp>.<body>`, with the first secret only',
    'sha256=9e1a0a3f6d3a4b0b6c1f6a2f8b0d5c7e4a1b2c3d4e5f60718293a4b5c6d7e8f9',
  ),
  traceparent: header(
    'traceparent',
    false,
    'W3C trace context of the request for the transfer',
    '00-48a58ae85a3647a9af95c0917d4d57e2-b7ad6b7169203331-01',
  ),
}

const responses: OperationObject['responses'] = {
  200: { description: 'Delivered, and so is any other 2xx. The body is not read' },
  410: { description: 'Gone: this event is not sent again' },
  429: { description: 'Too many: it is sent again, after `Retry-After` if that is later than the schedule' },
  503: { description: 'Not now: it is sent again, as after every other answer, a redirect included, and after no answer' },
}

const createWebhook = (type: string, { summary, description }: EventText, schema: SchemaObject, example: unknown): PathItem => ({
  post: {
    operationId: `on${eventName(type)}`,
    tags: ['events'],
    summary,
    description: `${description}\n\n${delivery}`,
    security: [],
    parameters: Object.keys(headers).map((name) => ({ $ref: `#/components/parameters/${name}` })),
    requestBody: { required: true, content: { 'application/json': { schema, examples: { [type]: { summary, value: example } } } } },
    responses,
  },
})

/** Adds the webhooks. @throws Error for an event without a text or without an example */
export function addWebhooks(document: OpenApiDocument): void {
  const texts: Readonly<Record<string, EventText>> = { ...transferEvents, [testEventType]: testEvent }
  const examples: Readonly<Record<string, unknown>> = { ...eventExamples, [testEventType]: testExample }
  document.webhooks = Object.fromEntries(
    Object.entries(eventSchemas).map(([type, schema]) => {
      const [text, example] = [texts[type], examples[type]]
      if (!text || !example) throw new Error(`nothing is written about the event ${type}`)
      return [type, createWebhook(type, text, { ...schema }, example)]
    }),
  )
  document.components.parameters = headers
}
