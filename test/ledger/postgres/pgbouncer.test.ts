/** Several nodes on one PostgreSQL database behind a real PgBouncer in transaction mode, which gives each transaction another session. */
import pg from 'pg'
import t from 'tap'
import { findMissingPgBouncer, startPgBouncer, type PgBouncer } from '../../support/postgres/pgbouncer.ts'
import { startTestPostgres } from '../../support/postgres.ts'
import { waitFor } from '../../support/wait-for.ts'
import { createOpener, type TapTest } from '../conformance.ts'
import { createDraft, moveThrough, openAccepted, readWholeAudit, requestTransfer, createConversationId } from '../fixtures.ts'

t.setTimeout(300_000)
const started = findMissingPgBouncer() ?? (await startTestPostgres())
const server = typeof started === 'string' ? undefined : started
t.teardown(() => server?.remove())

/** Declares a test with an empty database and its addresses: through PgBouncer and directly. `settings` are PgBouncer's. */
function given(
  name: string,
  body: (t: TapTest, addresses: { pooledUrl: string; directUrl: string; bouncer: PgBouncer }) => Promise<unknown>,
  settings: Record<string, string | number> = {},
): void {
  void t.test(`given ${name}`, { skip: typeof started === 'string' ? started : false, timeout: 240_000 }, async (t) => {
    if (!server) return
    const bouncer = await startPgBouncer(server.url, settings)
    t.teardown(() => bouncer.remove())
    const directUrl = await server.createDatabase()
    await body(t, { pooledUrl: bouncer.pooledUrl(directUrl), directUrl, bouncer })
  })
}

given(
  'an empty database, when several nodes open it at once, then the tables are created once and all nodes can write',
  async (t, { pooledUrl, directUrl }) => {
    const open = createOpener(t, pooledUrl)
    const ledgers = await Promise.all(Array.from({ length: 5 }, () => open()))
    await Promise.all(ledgers.map((ledger) => ledger.appendAudit(createDraft('opened'))))
    t.equal((await readWholeAudit(await open())).length, 5)
    t.match(await server?.sql('SELECT version FROM ledger_version', [], directUrl), { length: 1 })
  },
)

for (const [name, settings] of [
  ['two sessions for all nodes', { default_pool_size: 2 }],
  [
    'parameters that PgBouncer is told to ignore',
    { default_pool_size: 2, ignore_startup_parameters: 'statement_timeout,idle_in_transaction_session_timeout' },
  ],
] as const)
  given(
    `${name}, when nodes request the same transfers at once, then each is accepted once, whichever session a transaction runs in`,
    async (t, { pooledUrl }) => {
      const open = createOpener(t, pooledUrl)
      const ledgers = await Promise.all([open(), open(), open()])
      for (let round = 0; round < 10; round++) {
        const conversationId = createConversationId()
        const results = await Promise.all(ledgers.map((ledger) => requestTransfer(ledger, conversationId, `key-${round}`)))
        t.equal(results.filter(({ outcome }) => outcome === 'accepted').length, 1)
      }
    },
    settings,
  )

const countSessions = async (directUrl: string, condition: string): Promise<number> =>
  (await server?.sql(`SELECT pid FROM pg_stat_activity WHERE ${condition} AND datname = current_database()`, [], directUrl))?.length ?? 0

given(
  'a row that is locked for long, when a node writes it, then the statement timeout ends the wait, as it does without PgBouncer',
  async (t, { pooledUrl, directUrl }) => {
    const ledger = await createOpener(t, pooledUrl)()
    const record = await openAccepted(ledger)
    const lockingClient = new pg.Client({ connectionString: directUrl })
    await lockingClient.connect()
    await lockingClient.query('BEGIN')
    await lockingClient.query('SELECT * FROM transfers FOR UPDATE')
    await t.rejects(moveThrough(ledger, record, 'executing'), { name: 'StoreUnavailable', message: /(statement|read) timeout/ })
    await waitFor(async () => (await countSessions(directUrl, "wait_event_type = 'Lock'")) === 0, 'the end of the wait in the server')
    await lockingClient.query('ROLLBACK')
    await lockingClient.end()
    await moveThrough(ledger, record, 'executing')
  },
)

const countListeners = (directUrl: string) => countSessions(directUrl, "query LIKE 'LISTEN%'")

given('no direct address, then no node listens for notifications on a shared session', async (t, { pooledUrl, directUrl }) => {
  const open = createOpener(t, pooledUrl)
  const [sender, other] = [await open(), await open()]
  await moveThrough(sender, await openAccepted(sender), 'executing', 'initiated')
  t.equal((await other.listDeliveries({ limit: 5 })).items.length, 1, 'another node finds the delivery when it looks for it')
  t.equal(await countListeners(directUrl), 0)
})

given(
  'also a direct address, when another node queues a delivery, then a node is notified at once',
  async (t, { pooledUrl, directUrl }) => {
    const open = createOpener(t, pooledUrl)
    const [sender, listener] = [await open({ directUrl }), await open({ directUrl })]
    let listenerCalls = 0
    listener.onDeliveryQueued(() => listenerCalls++)
    const { id } = await moveThrough(sender, await openAccepted(sender), 'executing', 'initiated')
    await waitFor(() => listenerCalls > 0, 'the first call')
    const deliveryId = String((await sender.listDeliveries({ transferId: id, limit: 1 })).items[0]?.id)
    for (let count = 0; count < 3; count++) {
      const callsBefore = listenerCalls
      await sender.redeliver(deliveryId)
      await waitFor(() => listenerCalls > callsBefore, 'a call')
    }
    t.ok(listenerCalls > 3)
  },
)

given(
  'a PgBouncer that dies and starts again, then the ledger is unavailable meanwhile, and works again',
  async (t, { pooledUrl, bouncer }) => {
    const ledger = await createOpener(t, pooledUrl)()
    await bouncer.kill()
    await t.rejects(openAccepted(ledger), { name: 'StoreUnavailable' })
    await bouncer.start()
    await waitFor(() => openAccepted(ledger).catch(() => false), 'the ledger')
  },
)
