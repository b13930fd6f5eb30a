/** Where spans go: to a collector over OTLP/HTTP, when OTEL_EXPORTER_OTLP_ENDPOINT names one. Loaded only then. */
import { diag, DiagLogLevel } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'

/** A collector that does not answer is told of so often at most, ms. */
const complaintEveryMs = 60_000
/** What is left is sent when the process leaves, for so long at most, ms. */
const flushMs = 2_000

export interface Tracing {
  /** Sends what is left. Never rejects. */
  close(): Promise<void>
}

/** @param endpoint base address of the collector; `/v1/traces` is added (OpenTelemetry specification, OTLP exporter) */
export function startTracing(endpoint: string, log: { warn(facts: object, message: string): void }): Tracing {
  let complainedAt = -Infinity
  const complain = (): void => {
    if (Date.now() - complainedAt < complaintEveryMs) return
    complainedAt = Date.now()
    log.warn({ stage: 'tracing' }, 'the trace collector does not take spans')
  }
  const silent = (): void => {}
  // Its own words repeat addresses and answers.
  diag.setLogger({ error: complain, warn: complain, info: silent, debug: silent, verbose: silent }, DiagLogLevel.WARN)
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'handoff' }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: 5_000 }))],
  })
  provider.register()
  return {
    async close() {
      const late = new Promise<void>((done) => setTimeout(done, flushMs).unref())
      await Promise.race([provider.shutdown().catch(complain), late])
    },
  }
}
