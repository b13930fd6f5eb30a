/** `npm run bench`: every bench, one after the other. */
import { bench as audit } from './audit.ts'
import { report } from './report.ts'
import { bench as roundTrips } from './round-trips.ts'
import { bench as startAndMemory } from './start-and-memory.ts'
import { bench as webhooks } from './webhooks.ts'

await report([roundTrips, startAndMemory, webhooks, audit], 'npm run bench --')
