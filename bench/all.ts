/** `npm run bench`: every bench, one after the other. */
import { report } from './report.ts'
import { bench as roundTrips } from './round-trips.ts'
import { bench as startAndMemory } from './start-and-memory.ts'

await report([roundTrips, startAndMemory], 'npm run bench --')
