/** Which examples each operation has. */
import type { Example, Examples } from '../document-types.ts'
import { bulkDryRun, bulkRequests, bulkTransfer, listedBulkTransfer } from './bulk-transfers.ts'
import { flatAnswers, flatOutcomes } from './flat-answers.ts'
import * as resources from './resources.ts'
import { madeUp, scene } from './scene.ts'
import { flatRequests, transferRequests } from './transfer-requests.ts'
import { decided, dryRun, outcomes } from './transfers.ts'

interface OperationExamples {
  /** The value of each parameter. An optional one has none, so that Swagger UI leaves it out. */
  parameters?: Record<string, unknown>
  request?: Examples
  /** By status. */
  responses?: Record<number, Examples>
}

const one = (name: string, summary: string, value: unknown): Examples => ({ [name]: { summary, value } })
const transferId = { id: madeUp.transfer }

/** The outcomes of a transfer. Several operations return transfers, so their examples are among the components. */
export const sharedExamples: Record<string, Example> = Object.fromEntries(
  Object.entries(outcomes).map(([name, transfer]) => [`Transfer_${name}`, { summary: transfer.message ?? name, value: transfer }]),
)
const outcomeExamples = (...names: string[]): Examples =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/examples/Transfer_${name}` }]))

const bulkId = { id: madeUp.bulkTransfer }
const bulkExample = one('bulk', 'A call was moved, one has hung up, one waits', bulkTransfer)
const parts = { ledger: 'ready', platform: 'ready' }
const tokenError = (error: string, description: string): Examples => one(error, description, { error, error_description: description })

export const examplesByOperation: Readonly<Record<string, OperationExamples>> = {
  health: { responses: { 200: one('alive', 'The process is alive', { status: 'alive', watching: 3 }) } },
  ready: {
    responses: {
      200: one('ready', 'Calls can be transferred', { status: 'ready', ...parts }),
      503: {
        ...one('not_ready', 'The platform does not answer', {
          status: 'not_ready',
          ...parts,
          platform: 'not available',
          reasons: ['Genesys Cloud does not answer, so no call can be moved; this may pass by itself, and the log says why'],
        }),
        ...one('stopping', 'The service is stopping', { status: 'stopping', ...parts }),
      },
    },
  },
  version: { responses: { 200: one('version', 'What runs', { version: '0.2.0', nodeVersion: '24.21.0' }) } },
  metrics: {
    responses: {
      200: one(
        'metrics',
        'The first lines',
        '# HELP handoff_transfers_watched Transfers that are watched for their pickup or outcome\n# TYPE handoff_transfers_watched gauge\nhandoff_transfers_watched 3\n',
      ),
    },
  },
  issueToken: {
    request: one('client_credentials', 'A key as a client', {
      grant_type: 'client_credentials',
      client_id: '0a1b2c3d4e5f',
      client_secret: 'hk_0a1b2c3d4e5f_the-secret-part-of-your-own-key',
    }),
    responses: {
      200: one('token', 'A token', {
        access_token: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIwYTFiMmMzZDRlNWYifQ.c2lnbmF0dXJl',
        token_type: 'Bearer',
        expires_in: 900,
        scope: 'transfers:write transfers:read',
      }),
      400: {
        ...tokenError('invalid_request', 'grant_type is missing.'),
        ...tokenError('unsupported_grant_type', 'Only grant_type client_credentials is supported.'),
      },
      401: tokenError('invalid_client', 'Unknown client: client_id must be the id of a valid key, client_secret the whole key.'),
      413: tokenError('invalid_request', 'The body is larger than 64 KiB.'),
      415: tokenError('invalid_request', 'The request cannot be read: it must be a form or a JSON object of strings.'),
      429: tokenError('temporarily_unavailable', 'Too many requests in this minute.'),
      500: tokenError('server_error', 'Something went wrong in Handoff itself.'),
      503: tokenError('temporarily_unavailable', 'Keys cannot be looked up now.'),
    },
  },
  requestTransfer: {
    request: { ...transferRequests },
    responses: {
      200: one('dryRun', 'dryRun: the call would go there', dryRun),
      202: {
        execute: { $ref: '#/components/examples/Transfer_initiated' },
        ...one('decide', 'decide: the flow is to move the call there', decided),
        callback: { $ref: '#/components/examples/Transfer_callback_created' },
      },
    },
  },
  listTransfers: { responses: { 200: one('page', 'The last page', { transfers: [outcomes.picked_up], nextCursor: null }) } },
  getTransfer: { parameters: transferId, responses: { 200: outcomeExamples(...Object.keys(outcomes)) } },
  changeTransfer: {
    parameters: transferId,
    request: one('routing', 'Ahead of the others, with a skill and a preferred agent', {
      priority: 30,
      skillIds: [scene.skill],
      preferredUserIds: [scene.agent],
    }),
    responses: { 202: outcomeExamples('initiated') },
  },
  streamTransfers: {
    responses: { 200: one('events', 'The first event, and a comment', 'retry: 2000\nid: 4711\nevent: open\ndata: {}\n\n:\nid: 4711\n\n') },
  },
  timelineOfTransfer: { parameters: transferId, responses: { 200: one('timeline', 'A part of it', resources.timeline) } },
  auditOfTransfer: { parameters: transferId, responses: { 200: one('entries', 'One of its entries', resources.auditEntries) } },
  settleTransfer: {
    parameters: transferId,
    request: {
      ...one('rejected', 'The call was not moved', { state: 'rejected', reason: 'The recording shows that the caller stayed in the IVR' }),
      ...one('initiated', 'The call was moved', { state: 'initiated', reason: 'The queue shows the call' }),
    },
    responses: { 200: outcomeExamples('initiated', 'abandoned', 'failed', 'callback_created') },
  },
  requestBulkTransfer: {
    request: { ...bulkRequests },
    responses: { 200: one('dryRun', 'dryRun: one call would be moved', bulkDryRun), 202: one('bulk', 'It has begun', bulkTransfer) },
  },
  listBulkTransfers: { responses: { 200: one('page', 'The last page', { bulkTransfers: [listedBulkTransfer], nextCursor: null }) } },
  getBulkTransfer: { parameters: bulkId, responses: { 200: bulkExample } },
  pauseBulkTransfer: { parameters: bulkId, responses: { 200: bulkExample } },
  resumeBulkTransfer: { parameters: bulkId, responses: { 200: bulkExample } },
  cancelBulkTransfer: { parameters: bulkId, responses: { 200: bulkExample } },
  requestArchitectTransfer: { request: { ...flatRequests }, responses: { 200: flatAnswers } },
  getArchitectTransfer: { parameters: transferId, responses: { 200: flatOutcomes } },
  summariseTransfers: {
    responses: {
      200: {
        ...one('all', 'All transfers of a day', resources.summary),
        ...one('groups', 'groupBy=queue: the counts of each queue, too', resources.summaryByQueue),
      },
    },
  },
  listWebhookDeliveries: { responses: { 200: one('page', 'The last page', { deliveries: [resources.delivery], nextCursor: null }) } },
  getWebhookDelivery: {
    parameters: { id: madeUp.delivery },
    responses: { 200: one('delivery', 'A delivery with its event', resources.deliveryWithBody) },
  },
  redeliverWebhook: {
    parameters: { id: madeUp.delivery },
    responses: { 202: one('queued', 'It is delivered again', resources.queuedDelivery) },
  },
  redeliverWebhooks: {
    request: one('exhausted', 'What could not be delivered on a day', {
      since: '2026-11-20T00:00:00Z',
      until: '2026-11-21T00:00:00Z',
      states: ['exhausted'],
    }),
    responses: { 202: one('queued', 'How many are delivered again', { queued: 17 }) },
  },
  listWebhookEndpoints: { responses: { 200: one('endpoints', 'An endpoint that works', resources.endpoints) } },
  testWebhookEndpoint: {
    parameters: { id: madeUp.endpoint },
    responses: {
      200: {
        ...one('delivered', 'The receiver has answered with 200', resources.delivered),
        ...one('failed', 'It could not be reached', resources.notDelivered),
      },
    },
  },
  exportAudit: { responses: { 200: one('lines', 'One line', resources.auditExport) } },
}
