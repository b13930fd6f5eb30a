/** The part of the service that sends webhooks: a ledger file, transfers that queue webhooks in it, and a delivery worker. */
import { randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { CrmEvent } from '../../src/ledger/contract/deliveries.ts'
import { openLedger } from '../../src/ledger/open.ts'
import type { State } from '../../src/model/states.ts'
import type { TransferRecord } from '../../src/model/transfer.ts'
import { createTransferRecord } from '../../src/transfers/request/new-transfer.ts'
import { auditDraft, transition } from '../../src/transfers/transition.ts'
import { createDeliveryWorker, type DeliveryWorker } from '../../src/webhooks/delivery-worker.ts'
import { createEndpoints, type Endpoint } from '../../src/webhooks/endpoints.ts'
import { parseNetworks } from '../../src/model/formats/networks.ts'
import { createWebhookSender } from '../../src/webhooks/webhook-sender.ts'

export interface Sender {
  /** When each event was handed to the ledger, epoch ms. */
  queuedAt: ReadonlyMap<string, number>
  /** Writes a new transfer and moves it to `initiated`, which queues one event. */
  initiateTransfer(): Promise<TransferRecord>
  /** Moves a transfer to a state, which queues the event of that state if it has one. */
  moveTo(record: TransferRecord, state: State): Promise<TransferRecord>
  /** Starts the delivery of queued events. */
  startDelivery(): void
  close(): Promise<void>
}

const queueId = randomUUID()
const request = {
  mode: 'execute' as const,
  target: { type: 'queue' as const, queueId },
  targets: [{ type: 'queue' as const, queueId, skillIds: [], languageId: null }],
  fallback: [],
  priority: 0,
  context: {},
  summary: null,
  reason: null,
  override: [],
}
const deadlineMs = 8_000
const silentLog = { info() {}, warn() {}, error() {} }

const now = (): number => performance.timeOrigin + performance.now()

function createRecord(conversationId: string): TransferRecord {
  const traceparent = `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`
  const requester = { id: 'bench', queues: null }
  return createTransferRecord({ ...request, conversationId, traceparent }, requester, Date.now(), deadlineMs, Date.now())
}

/** Opens a new ledger in `folder`, and creates a sender to one endpoint. */
export async function createSender(folder: string, receiverUrl: string): Promise<Sender> {
  const ledger = await openLedger(`sqlite:${join(folder, 'handoff.db')}`, { auditKey: 'audit key of the benchmarks' })
  const [endpoint] = createEndpoints([receiverUrl], [[randomBytes(24)]], [['*']]) as [Endpoint]
  const webhookSender = createWebhookSender({ allowedNetworks: parseNetworks('127.0.0.0/8') })
  const queuedAt = new Map<string, number>()
  let worker: DeliveryWorker | undefined

  async function moveTo(record: TransferRecord, state: State): Promise<TransferRecord> {
    const patch = state === 'initiated' ? { initiatedAt: Date.now() } : {}
    const { event, response: _response, ...change } = transition(record, state, patch, { stage: 'execution' }, Date.now())
    const events: CrmEvent[] = event ? [{ id: `evt_${randomUUID()}`, ...event, endpoint: endpoint.id }] : []
    for (const { id } of events) queuedAt.set(id, now())
    await ledger.writeChange({ ...change, events })
    return change.record
  }
  return {
    queuedAt,
    moveTo,
    async initiateTransfer() {
      const conversationId = randomUUID()
      const record = createRecord(conversationId)
      const audit = auditDraft(record, 'accepted', 'validation')
      const opened = await ledger.openTransfer({ record, identity: conversationId, audit })
      if (opened.outcome !== 'accepted') throw new Error(`a transfer was ${opened.outcome}`)
      return moveTo(await moveTo(opened.record, 'executing'), 'initiated')
    },
    startDelivery() {
      worker = createDeliveryWorker({
        ledger,
        send: webhookSender.send,
        endpoint,
        clock: Date.now,
        random: Math.random,
        log: silentLog,
      })
    },
    async close() {
      await worker?.close()
      await webhookSender.close()
      await ledger.close()
    },
  }
}
