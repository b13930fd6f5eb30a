/** Examples of everything that is read besides transfers: audit entries, counts, webhook deliveries and endpoints, health. */
import { toEcsAuditEvent } from '../../../telemetry/ecs.ts'
import { eventExamples } from './events.ts'
import { madeUp, scene, sceneCall } from './scene.ts'

const entry = {
  seq: 3,
  timestamp: '2026-11-20T09:30:00.240Z',
  node: madeUp.node,
  chain: 'main',
  conversationId: sceneCall(1),
  actionId: madeUp.transfer,
  status: 'initiated',
  latencyMs: 240,
  pickupTime: null,
  depth: 1,
  stage: 'execution',
  code: null,
  caller: 'crm',
  detail: { mode: 'execute', from: 'executing' },
  traceId: '48a58ae85a3647a9af95c0917d4d57e2',
  personal: null,
  hash: 'ac78412c61ba4bf03253fbfd3ed7794adf4ac9a81631262927328c5b89023298',
}
export const auditEntries = { entries: [entry] }

export const auditExport = `${JSON.stringify({
  '@timestamp': entry.timestamp,
  'ecs.version': '8.10.0',
  'service.name': 'handoff',
  ...toEcsAuditEvent(entry),
})}\n`

const counts = {
  total: 412,
  byState: { picked_up: 377, timeout: 14, abandoned: 11, rejected: 10 },
  byCode: { PICKUP_TIMEOUT: 14, CALLER_ABANDONED: 11, NO_AGENT_AVAILABLE: 10 },
  pickupRate: 0.938,
}
export const summary = {
  since: '2026-11-19T09:30:00.000Z',
  until: '2026-11-20T09:30:00.000Z',
  ...counts,
  latencyMs: { count: 402, p50: 231, p95: 318, p99: 602 },
  pickupMs: { count: 377, p50: 6_800, p95: 21_400, p99: 28_100 },
}
export const summaryByQueue = { ...summary, groupBy: 'queue', groups: [{ value: scene.queue, ...counts }] }

const attempt = { at: '2026-11-20T09:30:00.250Z', status: 200, error: null, durationMs: 31 }
export const delivery = {
  id: madeUp.delivery,
  endpoint: madeUp.endpoint,
  transferId: madeUp.transfer,
  conversationId: sceneCall(1),
  type: 'transfer.initiated',
  state: 'delivered',
  attempts: [attempt],
  tries: 1,
  nextAttemptAt: null,
  createdAt: '2026-11-20T09:30:00.240Z',
  updatedAt: '2026-11-20T09:30:00.281Z',
}
export const deliveryWithBody = { ...delivery, body: JSON.stringify(eventExamples['transfer.initiated']) }
export const queuedDelivery = {
  ...delivery,
  state: 'pending',
  tries: 0,
  nextAttemptAt: '2026-11-20T11:00:00.000Z',
  updatedAt: '2026-11-20T11:00:00.000Z',
}

const timelineItem = { audit: null, hop: null, delivery: null }
const { id, endpoint, type } = delivery
export const timeline = {
  items: [
    { ...timelineItem, at: entry.timestamp, kind: 'audit', status: entry.status, audit: entry },
    { ...timelineItem, at: attempt.at, kind: 'delivery', status: 'attempted', delivery: { id, endpoint, type, attempt } },
  ],
}

export const endpoints = {
  endpoints: [
    {
      id: madeUp.endpoint,
      origin: 'https://crm.example',
      events: ['*'],
      failingSince: null,
      failures: 0,
      pausedAt: null,
      nextProbeAt: null,
      pending: 0,
      oldestPendingAt: null,
    },
  ],
}
const testResult = { id: 'evt_019a0000-0000-7000-8000-000000000009', status: 200, error: null, durationMs: 24 }
export const delivered = { ...testResult, delivered: true }
export const notDelivered = { ...testResult, delivered: false, status: null, error: 'the connection was refused' }
