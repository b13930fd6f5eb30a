/** The program that simulates a distant database: a relay that delays everything on its way to the database. */
import { startTcpRelay } from './tcp-relay.ts'

const [databaseUrl = '', delayMs = ''] = process.argv.slice(2)
const { url } = await startTcpRelay(databaseUrl, { delayMs: Number(delayMs) })
process.stdout.write(`database: ${url}\n`)
