/** A primary that is lost under load, and a synchronous standby that takes its place (docs/production.md#postgresql-that-fails-over). */
import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { startTcpProxy } from '../ledger/postgres/tcp-proxy.ts'
import { querySql, startReplicatedPostgres } from '../support/postgres/replicated-postgres.ts'
import { startService, type Service } from '../support/service.ts'
import { testSettings } from '../support/settings.ts'
import { startPlatformAndCrm } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'

t.setTimeout(300_000)
const servers = await startReplicatedPostgres().catch(
  (error: unknown) => `no PostgreSQL here: ${(error as Error | undefined)?.message ?? ''}`,
)
const skip = typeof servers === 'string' ? servers : false

const callers = 4
/** Acknowledged before the primary is lost, and after the standby has taken its place. */
const enough = 15
const retryMs = 100
/** Long enough for a busy machine. */
const waitMs = 90_000

t.test(
  'given two nodes on a primary with a synchronous standby, when the primary is lost under load and the standby is promoted, then nothing acknowledged is lost, and no call moves twice',
  { skip, timeout: 280_000 },
  async (t) => {
    if (typeof servers === 'string') return
    t.teardown(() => servers.remove())
    const { simulator } = await startPlatformAndCrm(t)
    const queueId = simulator.control.addQueue({ name: 'Support' }).id
    await querySql(servers.primaryUrl, 'CREATE DATABASE handoff')
    const addressOf = (url: string): string => Object.assign(new URL(url), { pathname: '/handoff' }).href
    const database = await startTcpProxy(t, addressOf(servers.primaryUrl))
    // Nothing ends because the machine is busy.
    const patience = { PICKUP_TIMEOUT_MS: '600000', TRANSFER_DEADLINE_MS: '60000' }
    const settings = { ...testSettings(simulator.url), ...patience, DATABASE_URL: database.url }
    const nodes = [await startService(t, settings), await startService(t, settings)] as [Service, Service]

    /** The id of each acknowledged transfer, by its conversation. */
    const acknowledged = new Map<string, string>()
    const conversations: string[] = []
    let isRunning = true
    let unavailable = 0

    /** Requests a transfer of one call, and repeats the request with its key, at the other node, for as long as that can help. */
    async function transferCall(caller: number): Promise<void> {
      const { conversationId } = simulator.control.addConversation({ in: 'ivr' })
      conversations.push(conversationId)
      const headers = { 'idempotency-key': randomUUID() }
      for (let attempt = caller; ; attempt++) {
        const node = nodes[attempt % 2] as Service
        const { status, body } = await node.postTransfer({ conversationId, target: { type: 'queue', queueId } }, headers)
        if (status === 202) return void acknowledged.set(conversationId, body.id)
        if (!body.retryable) return
        unavailable++
        await setTimeout(retryMs)
      }
    }
    const load = Promise.all(
      Array.from({ length: callers }, async (_, caller) => {
        while (isRunning) await transferCall(caller)
      }),
    )

    await waitFor(() => acknowledged.size >= enough, 'transfers before the failover', waitMs)
    // What is committed from here on is lost, and must not have been acknowledged.
    await servers.holdBackStandby()
    const held = await waitFor(
      async () => {
        const rows = await querySql(servers.primaryUrl, "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
        return rows.length > 1 && rows.length
      },
      'commits that wait for the standby',
      waitMs,
    )
    await servers.killPrimary()
    const before = new Map(acknowledged)
    await waitFor(() => unavailable > 0, 'a request that meets the outage', waitMs)
    await servers.promoteStandby()
    database.switchTo(addressOf(servers.standbyUrl))
    await waitFor(() => acknowledged.size >= before.size + enough, 'transfers after the failover', waitMs)
    isRunning = false
    await load

    const lost: unknown[] = []
    for (const [conversationId, id] of acknowledged) {
      const { status, body } = await nodes[0].request('GET', `/v1/transfers/${id}`)
      if (body.conversationId !== conversationId || body.state !== 'initiated')
        lost.push({ id, status, state: body.state, isFromBefore: before.has(conversationId) })
    }
    t.strictSame(lost, [], 'every acknowledged transfer is there')
    const moves = Map.groupBy(simulator.control.transfers(), ({ conversationId }) => conversationId)
    t.strictSame(
      conversations.filter((id) => (moves.get(id)?.length ?? 0) > 1),
      [],
      'no call moved twice',
    )
    t.strictSame(
      [...acknowledged.keys()].filter((id) => moves.get(id)?.length !== 1),
      [],
      'every acknowledged call has moved',
    )
    t.comment(
      `${before.size} acknowledged before, ${acknowledged.size - before.size} after; ${unavailable} refused meanwhile, ${held} commits lost`,
    )
  },
)
