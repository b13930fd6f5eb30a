/** Metrics of the process itself: event loop, memory and garbage collection. */
import type { Registry as ProcessRegistry } from '@prometheus-io/client'
import Registry from '@prometheus-io/client/lib/registry.js'

/** One for the process, however many apps run in it. */
let registry: Promise<ProcessRegistry> | undefined

async function startCollecting(): Promise<ProcessRegistry> {
  const { default: collectDefaultMetrics } = await import('@prometheus-io/client/lib/defaultMetrics.js')
  const created = new Registry()
  collectDefaultMetrics({ register: created })
  return created
}

/** The metrics in the text format of Prometheus. Collecting begins with the first call: a service that is not scraped does without. */
export async function scrapeProcess(): Promise<string> {
  registry ??= startCollecting()
  return (await registry).metrics()
}
