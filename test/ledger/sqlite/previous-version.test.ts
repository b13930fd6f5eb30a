/**
 * A ledger that version 0.1.0 wrote must stay usable. `recorded/ledger-0.1.0.db` was made with the code of that version, in two parts:
 * its service received requests with idempotency keys, against the simulator; then its ledger wrote transfers in every state, deliveries in
 * every state, an erased conversation, API keys, and checkpoints of the audit chain. The ledger was closed, and the file was reduced with a
 * page size of 1024 bytes, VACUUM and a checkpoint of its write-ahead log. `recorded/ledger-0.1.0.json` holds the requests, with the
 * responses to their repeats, and everything that the ledger of version 0.1.0 read from the file.
 */
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { verifyAudit, type VerificationReport } from '../../../src/ledger/audit/verification.ts'
import type { ApiKey } from '../../../src/ledger/contract/api-keys.ts'
import type { AuditEntry } from '../../../src/ledger/contract/audit.ts'
import type { Delivery } from '../../../src/ledger/contract/deliveries.ts'
import type { EndpointHealth } from '../../../src/ledger/contract/endpoints.ts'
import type { StoredResponse } from '../../../src/ledger/contract/idempotency.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import type { TransferSummary } from '../../../src/ledger/contract/transfers.ts'
import { completeRecord, type Transfer, type TransferRecord } from '../../../src/model/transfer.ts'
import { startSimulator } from '../../../src/simulator/simulator.ts'
import { startService } from '../../support/service.ts'
import { operationsKey, testSettings } from '../../support/settings.ts'
import { createOpener, type TapTest } from '../conformance.ts'
import {
  auditKey,
  claimDueBy,
  createResult,
  crmEndpoint,
  isTrailSound,
  moveThrough,
  readAllPages,
  readStatuses,
  readWholeAudit,
  requestTransfer,
} from '../fixtures.ts'

interface Recorded {
  requests: Array<{ path: string; key: string; body: object; response: { status: number; contentType: string; body: string } }>
  /**
   * Ids of the transfers that the ledger wrote, by a name: the state, with an addition if there are several. The idempotency key of each is
   * `key <name>`, except that `rejected, key free` had `key released`.
   */
  byName: Record<string, string>
  transfers: TransferRecord[]
  /** By transfer id. */
  storedResponses: Record<string, StoredResponse | null>
  deliveries: Array<Delivery & { body: string }>
  endpoints: EndpointHealth[]
  apiKeys: ApiKey[]
  auditEntries: Array<Pick<AuditEntry, 'seq' | 'status' | 'personal' | 'hash'>>
  summary: TransferSummary
  verification: VerificationReport
}

const folder = new URL('./recorded/', import.meta.url)
const written = JSON.parse(await readFile(new URL('ledger-0.1.0.json', folder), 'utf8')) as Recorded
/** Fields that version 0.1.0 did not know have their empty values. */
const recorded: Recorded = { ...written, transfers: written.transfers.map(completeRecord) }

/** @returns the address of a copy of the recorded file */
async function copyRecorded(t: TapTest): Promise<string> {
  const target = await mkdtemp(join(tmpdir(), 'handoff-previous-'))
  t.teardown(() => rm(target, { recursive: true, force: true }))
  await copyFile(new URL('ledger-0.1.0.db', folder), join(target, 'ledger.db'))
  return `sqlite:${join(target, 'ledger.db')}`
}
/** When the tests open the file, epoch ms: some days after it was written, whatever time it is now. */
const openedAt = Date.UTC(2026, 11, 1)
const openCopy = async (t: TapTest): Promise<Ledger> => createOpener(t, await copyRecorded(t))({ clock: () => openedAt })
const findRecorded = (name: string): TransferRecord => recorded.transfers.find(({ id }) => id === recorded.byName[name]) as TransferRecord

t.test('given a ledger of version 0.1.0, when its audit trail is verified, then it is sound, also after new entries', async (t) => {
  const ledger = await openCopy(t)
  t.match(recorded.verification, { chains: 1, checkpoints: { kept: 3 }, erased: 1, faults: [] })
  const expected = { ...recorded.verification, unsealed: 0 }
  t.same(await verifyAudit(ledger, auditKey), expected)
  await ledger.writeCheckpoint()
  t.same(await verifyAudit(ledger, auditKey), {
    ...expected,
    rows: recorded.verification.rows + 1,
    checkpoints: { kept: 4, logged: 0 },
  })
  t.notOk(await isTrailSound(ledger, 'another key'))
})

t.test('given a ledger of version 0.1.0, when it is read, then everything is as that version read it', async (t) => {
  const ledger = await openCopy(t)
  t.same(await readAllPages((cursor) => ledger.listTransfers({ limit: 5, ...(cursor && { cursor }) })), recorded.transfers)
  for (const record of recorded.transfers) t.same(await ledger.findTransfer(record.id), record, record.state)
  for (const [transferId, response] of Object.entries(recorded.storedResponses))
    t.same((await ledger.findStoredResponse(transferId)) ?? null, response)
  const deliveries = await readAllPages((cursor) => ledger.listDeliveries({ limit: 5, ...(cursor && { cursor }) }))
  t.same(await Promise.all(deliveries.map(({ id }) => ledger.findDelivery(id))), recorded.deliveries)
  t.same([...new Set(deliveries.map(({ state }) => state))].toSorted(), ['delivered', 'exhausted', 'pending', 'refused'])
  t.same(await ledger.listEndpoints(), recorded.endpoints)
  t.same(await ledger.listApiKeys(), recorded.apiKeys)
  t.same(
    (await readWholeAudit(ledger)).map(({ seq, status, personal, hash }) => ({ seq, status, personal, hash })),
    recorded.auditEntries,
  )
  t.same(await ledger.summarize(0, Number.MAX_SAFE_INTEGER), recorded.summary)
  for (const [groupBy, valueOf] of [
    ['caller', ({ requestedBy }) => requestedBy],
    ['queue', ({ resolvedTarget, queueIds }) => (resolvedTarget ? resolvedTarget.queueId : queueIds?.[0] || null)],
  ] as const satisfies Array<[string, (record: TransferRecord) => string | null]>) {
    const groups = await ledger.summarizeGroups(groupBy, 100, 0, Number.MAX_SAFE_INTEGER)
    const expected = Map.groupBy(recorded.transfers, valueOf)
    t.same(
      new Map(groups.map(({ value, total }) => [value, total])),
      new Map([...expected].map(([value, members]) => [value, members.length])),
    )
  }
})

t.test('given idempotency keys of version 0.1.0, when a request is repeated, then the ledger answers as that version would', async (t) => {
  const ledger = await openCopy(t)
  for (const name of ['decided', 'initiated', 'picked_up', 'timeout', 'abandoned', 'failed', 'superseded', 'rejected']) {
    const { id, conversationId } = findRecorded(name)
    const response = recorded.storedResponses[id]
    t.ok(response, `${name} has a response`)
    t.same(await requestTransfer(ledger, conversationId, `key ${name}`), { outcome: 'replayed', response, transferId: id }, name)
  }
  for (const name of ['accepted', 'executing', 'indeterminate']) {
    const record = findRecorded(name)
    t.same(await requestTransfer(ledger, record.conversationId, `key ${name}`), { outcome: 'running', record })
    t.same(await requestTransfer(ledger, record.conversationId, 'another key'), { outcome: 'locked', record })
  }
  const released = findRecorded('rejected, key free')
  // A refusal freed `key released`. `key erased` still belongs to the erased transfer, and no request can match it any more.
  t.match(await requestTransfer(ledger, released.conversationId, 'key released'), { outcome: 'accepted' })
  t.match(await requestTransfer(ledger, released.conversationId, 'key erased'), { outcome: 'reused' })
})

t.test('given open transfers of version 0.1.0, when a node claims them, then it can take them to their final states', async (t) => {
  const ledger = await openCopy(t)
  const claimed = new Map((await ledger.claimTransfers(100)).map((record) => [record.id, record]))
  const openNames = ['accepted', 'executing', 'decided', 'initiated', 'timeout watched', 'indeterminate']
  for (const name of openNames) t.ok(claimed.has(findRecorded(name).id), name)
  const continueTransfer = async (name: string, ...states: Parameters<typeof moveThrough>[2][]): Promise<void> => {
    const before = claimed.get(findRecorded(name).id) as TransferRecord
    t.match(before, { owner: ledger.nodeId, fence: findRecorded(name).fence + 1 })
    const after = await moveThrough(ledger, before, ...states)
    t.same(await ledger.findTransfer(before.id), after)
    t.equal((await readStatuses(ledger, before.id)).at(-1), after.state)
  }
  await continueTransfer('accepted', 'executing', 'initiated', 'picked_up')
  await continueTransfer('executing', 'initiated', 'abandoned')
  await continueTransfer('decided', 'initiated', 'superseded')
  await continueTransfer('initiated', 'picked_up')
  await continueTransfer('indeterminate', 'initiated', ['timeout', { lateWatch: false, code: 'PICKUP_TIMEOUT' }])
  t.ok(await isTrailSound(ledger))
})

t.test('given deliveries of version 0.1.0, when they are claimed, then all of them are delivered, in order', async (t) => {
  const ledger = await openCopy(t)
  const pending = recorded.deliveries.filter(({ state }) => state === 'pending')
  t.same(await ledger.registerEndpoints([crmEndpoint]), { reassigned: 0, unconfigured: [] })
  const claimAll = async () => [
    ...(await ledger.claimDeliveries({ ...claimDueBy(openedAt, 100), lane: 'backlog' })),
    // Deliveries that have been due for long are in the backlog lane. Once one is delivered, the next of its transfer becomes due now, and is
    // claimed from the other lane, `fresh`.
    ...(await ledger.claimDeliveries(claimDueBy(openedAt, 100))),
  ]
  const bodies: string[] = []
  for (let due = await claimAll(); due.length > 0; due = await claimAll())
    for (const { id, body } of due) {
      bodies.push(body)
      await ledger.recordDeliveryResult(createResult(id, 'delivered'))
    }
  t.same(bodies.toSorted(), pending.map(({ body }) => body).toSorted())
  const positions = new Map(bodies.map((body, index) => [body, index]))
  for (const group of Map.groupBy(pending, ({ transferId }) => transferId).values()) {
    // The recorded list begins with the newest.
    const order = group.toReversed().map(({ body }) => Number(positions.get(body)))
    t.same(
      order,
      order.toSorted((a, b) => a - b),
    )
  }
  const [exhausted] = (await ledger.listDeliveries({ states: ['exhausted'], limit: 1 })).items
  await ledger.redeliver(String(exhausted?.id))
  t.match(await ledger.claimDeliveries(claimDueBy(openedAt, 1)), [{ id: exhausted?.id, tries: 0, attempts: { length: 1 } }])
})

t.test('given requests to version 0.1.0, when the current service receives them again, then the responses are the same', async (t) => {
  const simulator = await startSimulator({ requestsPerMinute: 60_000 })
  t.teardown(() => simulator.close())
  const service = await startService(t, { ...testSettings(simulator.url), DATABASE_URL: await copyRecorded(t), LOG_LEVEL: 'silent' })
  t.ok(recorded.requests.length >= 5)
  for (const { path, key, body, response } of recorded.requests) {
    const repeated = await fetch(service.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${operationsKey}`, 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
    })
    const answer = { status: repeated.status, contentType: repeated.headers.get('content-type'), body: await repeated.text() }
    // A flat response is created anew for a repeat, so it also has the fields that were added after version 0.1.0.
    if (path.includes('/architect/'))
      t.match({ ...answer, body: JSON.parse(answer.body) as object }, { ...response, body: JSON.parse(response.body) as object }, key)
    else t.same(answer, response, key)
  }
  const { status, body } = await service.request<{ transfers: Transfer[] }>('GET', '/v1/transfers?limit=100')
  t.equal(status, 200, 'all transfers can be read, the one whose number was erased as well')
  t.ok(body.transfers.length > 5)
  for (const { considered, resolvedTarget } of body.transfers) {
    t.strictSame(considered, [])
    if (resolvedTarget) t.match(resolvedTarget, { preferredUserIds: [], scheduledAt: null })
  }
})
