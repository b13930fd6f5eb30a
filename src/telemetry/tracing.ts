/** Sends spans to the OpenTelemetry collector at OTEL_EXPORTER_OTLP_ENDPOINT. This module is imported only if that setting is present. */
import { diag, DiagLogLevel } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { monotonicMs } from '../model/clock.ts'
import { recordFinishedSpan, startRequestSpan } from './opentelemetry-spans.ts'
import { recordSpansWith, type RequestSpan } from './spans.ts'
import { serviceVersion } from './version.ts'

/** A collector that does not respond is logged at most this often, ms. */
const warningIntervalMs = 60_000
/** How long closing waits for the remaining spans to be sent, ms. */
const flushTimeoutMs = 2_000
const exportTimeoutMs = 5_000

export interface Tracing {
  /** Starts the span of a request now. @param traceparent the request's own header */
  startRequestSpan(traceparent: unknown): RequestSpan
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
  // One fixed message replaces the library's own, which repeat addresses and response bodies.
  diag.setLogger({ error: warn, warn, info: ignore, debug: ignore, verbose: ignore }, DiagLogLevel.WARN)
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'handoff', 'service.version': serviceVersion }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: exportTimeoutMs }))],
  })
  provider.register()
  recordSpansWith(recordFinishedSpan)
  return {
    startRequestSpan,
    async close() {
      const timeout = new Promise<void>((resolve) => setTimeout(resolve, flushTimeoutMs).unref())
      await Promise.race([provider.shutdown().catch(warn), timeout])
    },
  }
}
