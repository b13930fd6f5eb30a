/** Spans for OpenTelemetry: one for each request and one for each stage below it. Without a provider (tracing.ts) nothing is made. */
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags, type Context } from '@opentelemetry/api'

const form = /^(?!ff)[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/

/** Never a number, a context value or a key. */
type Attributes = Record<string, string | number>

export interface FinishedSpan {
  name: string
  /** Of the request. */
  traceparent: string | null
  /** Epoch ms. */
  from: number
  to: number
  attributes: Attributes
  failed: boolean
}
export interface OpenSpan {
  /** W3C trace context of what happens within it. */
  traceparent: string
  /** Tells of it: what it was called becomes known only while it goes on. */
  end(name: string, attributes: Attributes, failed: boolean): void
}

function parentIn(traceparent: unknown): Context | undefined {
  const [, traceId, spanId, flags] = form.exec(typeof traceparent === 'string' ? traceparent : '') ?? []
  if (!traceId || !spanId) return undefined
  const traceFlags = Number.parseInt(flags ?? '00', 16) & TraceFlags.SAMPLED
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true })
}

/** Tells of something that is over. */
export function recordSpan({ name, traceparent, from, to, attributes, failed }: FinishedSpan): void {
  const parent = parentIn(traceparent)
  if (!parent) return
  const span = trace.getTracer('handoff').startSpan(name, { startTime: from, attributes }, parent)
  if (failed) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end(to)
}

/** Begins the span of a request now. @param traceparent as the request came with it: a malformed one counts as absent (W3C Trace Context §3.2) */
export function beginSpan(traceparent: unknown): OpenSpan {
  const span = trace.getTracer('handoff').startSpan('request', { kind: SpanKind.SERVER }, parentIn(traceparent) ?? ROOT_CONTEXT)
  const { traceId, spanId, traceFlags } = span.spanContext()
  return {
    traceparent: `00-${traceId}-${spanId}-0${traceFlags & TraceFlags.SAMPLED}`,
    end(name, attributes, failed) {
      span.updateName(name).setAttributes(attributes)
      if (failed) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    },
  }
}
