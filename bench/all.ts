/** `npm run bench`: every bench, one after the other. */
import { bench as architect } from './architect.ts'
import { bench as audit } from './audit.ts'
import { bench as capacity } from './capacity.ts'
import { bench as growth } from './growth.ts'
import { bench as latency } from './latency.ts'
import { bench as outage } from './outage.ts'
import { report } from './harness/report.ts'
import { bench as roundTrips } from './round-trips.ts'
import { bench as startAndMemory } from './start-and-memory.ts'
import { bench as throughput } from './throughput.ts'
import { bench as webhooks } from './webhooks.ts'

await report([latency, architect, capacity, throughput, outage, growth, roundTrips, startAndMemory, webhooks, audit], 'npm run bench --')
