/** Streams of nodes that are processes of their own: one stream has the changes of all nodes, and it continues on another node, or after a restart. */
import tap, { test } from 'tap'
import type { Transfer } from '../../../src/model/transfer.ts'
import { createCluster, type Cluster } from '../../crash/harness/cluster.ts'
import { openLedgerStorage, type Backend } from '../../crash/harness/ledger-storage.ts'
import type { NodeProcess } from '../../crash/harness/node-process.ts'
import { requestNode } from '../../crash/harness/node-request.ts'
import type { TapTest } from '../../ledger/conformance.ts'
import type { TestContext } from '../../support/build.ts'
import { operationsKey } from '../../support/settings.ts'
import { waitFor } from '../../support/wait-for.ts'
import { openEventReader, type EventReader } from './event-source.ts'

tap.setTimeout(240_000)

/** Long enough for a takeover on a busy machine, ms. */
const timeoutMs = 60_000

interface Change {
  seq: number
  status: string
}

async function startCluster(t: TestContext, backend: Backend, nodes: number): Promise<Cluster | string> {
  const storage = await openLedgerStorage(backend)
  if (typeof storage === 'string') return storage
  // Long enough that a busy machine does not lose a lease.
  const cluster = await createCluster(storage, { CRASH_LEASE_MS: '5000' })
  t.teardown(async () => {
    await cluster.close()
    await storage.close()
  })
  while (cluster.nodes.length < nodes) await cluster.startNode()
  return cluster
}

async function open(t: TestContext, node: NodeProcess, lastId?: string): Promise<EventReader> {
  const headers = { authorization: `Bearer ${operationsKey}`, ...(lastId !== undefined && { 'last-event-id': lastId }) }
  const reader = await openEventReader(`${node.url}/v1/transfers/stream`, headers)
  t.teardown(() => reader.close())
  return reader
}
/** Requests a transfer until it is accepted: a busy node may refuse it. */
async function requestTransfer({ addCall }: Cluster, node: NodeProcess): Promise<string> {
  const { conversationId, queueId, key } = addCall()
  const body = { conversationId, target: { type: 'queue', queueId } }
  return waitFor(
    async () => {
      const response = await requestNode<{ id: string }>(node.url, 'POST', '/v1/transfers', { body, headers: { 'idempotency-key': key } })
      return response.status === 202 && response.body.id
    },
    'an accepted transfer',
    timeoutMs,
  )
}
const statusesOf = (readers: readonly EventReader[], id: string): Set<string> =>
  new Set(
    readers
      .flatMap(({ events }) => events)
      .flatMap(({ event, data }) =>
        event === 'transfer' && (data['transfer'] as Transfer & { id: string }).id === id ? (data['changes'] as Change[]) : [],
      )
      .map(({ status }) => status),
  )

/** Waits until the readers together were told every change of the transfers that the audit trail has, up to the pickup. */
async function expectComplete(t: TapTest, readers: readonly EventReader[], node: NodeProcess, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await waitFor(() => statusesOf(readers, id).has('picked_up'), `the pickup of ${id}`, timeoutMs)
    const { body } = await requestNode<{ entries: Change[] }>(node.url, 'GET', `/v1/transfers/${id}/audit`)
    const written = body.entries.map(({ status }) => status).filter((status) => !status.startsWith('delivery_'))
    const told = statusesOf(readers, id)
    t.strictSame(
      written.slice(0, written.indexOf('picked_up') + 1).filter((status) => !told.has(status)),
      [],
      `every change of ${id}`,
    )
  }
}

test('given two nodes on PostgreSQL, when a stream is followed at one, then it has the changes of both, and continues at the other', async (t) => {
  const cluster = await startCluster(t, 'postgres', 2)
  if (typeof cluster === 'string') return t.plan(0, cluster)
  const [followed, other] = cluster.nodes as [NodeProcess, NodeProcess]
  const first = await open(t, followed)
  const ids = await Promise.all([followed, other, followed, other].map((node) => requestTransfer(cluster, node)))
  await expectComplete(t, [first], other, ids)

  // The node dies while transfers are under way at both; those of the dead one are taken over.
  const requested = [followed, other, followed, other].map((node) => requestTransfer(cluster, node))
  const underWay = await Promise.all(requested)
  followed.signal('SIGKILL')
  await followed.died
  await waitFor(() => first.hasEnded(), 'the end of the first stream')
  const missed = await requestTransfer(cluster, other)
  const second = await open(t, other, first.lastId())
  await expectComplete(t, [first, second], other, [...underWay, missed])
})

test('given a node on SQLite that is killed, when it runs again and a reader continues, then nothing is missing', async (t) => {
  const cluster = await startCluster(t, 'sqlite', 1)
  if (typeof cluster === 'string') return t.plan(0, cluster)
  const [killed] = cluster.nodes as [NodeProcess]
  const first = await open(t, killed)
  const before = await requestTransfer(cluster, killed)
  await expectComplete(t, [first], killed, [before])
  const underWay = await Promise.all([1, 2, 3].map(() => requestTransfer(cluster, killed)))
  killed.signal('SIGKILL')
  await killed.died
  const restarted = await cluster.startNode()
  await waitFor(
    async () => (await requestNode<Transfer>(restarted.url, 'GET', `/v1/transfers/${underWay[2]}`)).body.state === 'picked_up',
    'the pickup',
    timeoutMs,
  )
  const second = await open(t, restarted, first.lastId())
  await expectComplete(t, [first, second], restarted, underWay)
})
