/** The program that puts a database at a distance: a relay that holds back everything on its way to the database. */
import { startTcpRelay } from './tcp-relay.ts'

const [databaseUrl = '', delayMs = ''] = process.argv.slice(2)
const { url } = await startTcpRelay(databaseUrl, { delayMs: Number(delayMs) })
process.stdout.write(`database: ${url}\n`)
