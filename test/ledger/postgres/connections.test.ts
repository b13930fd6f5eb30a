/** How many connections a node opens, and that their number is no limit for those who use the ledger. */
import { readFileSync } from 'node:fs'
import { createOpener } from '../conformance.ts'
import { openAccepted } from '../fixtures.ts'
import { startServerForFile } from './server.ts'
import { startTcpProxy } from './tcp-proxy.ts'

const { server, given } = await startServerForFile()
const readDocument = (name: string): string =>
  readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8').replaceAll(/\s+/g, ' ')

given(
  'a slow database, when many more use the ledger than it has connections, then none of them fails, and it opens as many as the documents say',
  async (t) => {
    const url = await server.createDatabase()
    const proxy = await startTcpProxy(t, url)
    const ledger = await createOpener(t, proxy.url)({ leaseMs: 60_000 })
    const { id } = await openAccepted(ledger)
    const readOften = (times: number) => Promise.all(Array.from({ length: times }, () => ledger.findTransfer(id)))
    // Connections are opened before the delay, which would make that take too long.
    await readOften(10)
    proxy.delayResponses(210)
    const records = await readOften(110)
    t.ok(records.every((record) => record?.id === id))

    const [row] = await server.sql(
      "SELECT count(*)::int AS connections FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'handoff'",
      [],
      url,
    )
    t.strictSame(row, { connections: 11 })
    t.match(readDocument('sizing.md'), /A node opens at most 11 connections: 10 for its work/)
    t.match(readDocument('sizing.md'), /3 nodes × 11 connections = 33/)
    t.match(readDocument('production.md'), /its pool should hold 10 connections for each node/)
  },
)
