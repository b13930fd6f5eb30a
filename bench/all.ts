/** `npm run bench`: every benchmark, one after the other. */
import { benchmark as architect } from './architect.ts'
import { benchmark as audit } from './audit.ts'
import { benchmark as capacity } from './capacity.ts'
import { benchmark as conditions } from './conditions.ts'
import { benchmark as growth } from './growth.ts'
import { runBenchmarks } from './harness/run-benchmarks.ts'
import { benchmark as latency } from './latency.ts'
import { benchmark as outage } from './outage.ts'
import { benchmark as postgres } from './postgres.ts'
import { benchmark as roundTrips } from './round-trips.ts'
import { benchmark as startAndMemory } from './start-and-memory.ts'
import { benchmark as stream } from './stream.ts'
import { benchmark as throughput } from './throughput.ts'
import { benchmark as webhooks } from './webhooks.ts'

await runBenchmarks(
  [latency, conditions, architect, capacity, throughput, stream, postgres, outage, growth, roundTrips, startAndMemory, webhooks, audit],
  'npm run bench --',
)
