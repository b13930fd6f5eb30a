/** Sends spans to the OpenTelemetry collector that OTEL_EXPORTER_OTLP_ENDPOINT names. The module is imported only when it names one. */
import { diag, DiagLogLevel } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { monotonicMs } from '../model/clock.ts'

/** A collector that does not respond is logged at most this often, ms. */
const warningIntervalMs = 60_000
/** How long closing waits for the remaining spans to be sent, ms. */
const flushTimeoutMs = 2_000
const exportTimeoutMs = 5_000

export interface Tracing {
  /** Sends the remaining spans. Never rejects. */
  close(): Promise<void>
}

/** @param endpoint base address of the collector; `/v1/traces` is appended (OpenTelemetry specification, OTLP exporter) */
export function startTracing(endpoint: string, log: { warn(fields: object, message: string): void }): Tracing {
  let lastWarningAt = -Infinity
  const warn = (): void => {
    if (monotonicMs() - lastWarningAt < warningIntervalMs) return
    lastWarningAt = monotonicMs()
    log.warn({ stage: 'tracing' }, 'the trace collector does not accept spans')
  }
  const ignore = (): void => {}
  // The library's own messages repeat addresses and response bodies, so they are replaced by one fixed message.
  diag.setLogger({ error: warn, warn, info: ignore, debug: ignore, verbose: ignore }, DiagLogLevel.WARN)
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'handoff' }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: exportTimeoutMs }))],
  })
  provider.register()
  return {
    async close() {
      const timeout = new Promise<void>((resolve) => setTimeout(resolve, flushTimeoutMs).unref())
      await Promise.race([provider.shutdown().catch(warn), timeout])
    },
  }
}
