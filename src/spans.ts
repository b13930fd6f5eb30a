/** Spans for OpenTelemetry: one for each stage, in the trace of the request it belongs to. Without a provider (tracing.ts) nothing is made. */
import { ROOT_CONTEXT, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api'

const form = /^[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/

export interface Stretch {
  name: string
  /** Of the request. */
  traceparent: string | null
  /** Epoch ms. */
  from: number
  to: number
  /** Never a number, a context value or a key. */
  attributes: Record<string, string | number>
  failed: boolean
}

/** Tells of something that is over. */
export function tellSpan({ name, traceparent, from, to, attributes, failed }: Stretch): void {
  const [, traceId, spanId, flags] = form.exec(traceparent ?? '') ?? []
  if (!traceId || !spanId) return
  const traceFlags = Number.parseInt(flags ?? '00', 16) & TraceFlags.SAMPLED
  const parent = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true })
  const span = trace.getTracer('handoff').startSpan(name, { startTime: from, attributes }, parent)
  if (failed) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end(to)
}
