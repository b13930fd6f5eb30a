/** OpenTelemetry spans: one for each request and one for each stage below it. Without a provider (tracing.ts) no span is recorded. */
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags, type Context } from '@opentelemetry/api'
import { parseTraceparent } from '../model/patterns.ts'

/** Never a phone number, a context value or a key. */
type Attributes = Record<string, string | number>

export interface FinishedSpan {
  name: string
  /** The request that the work belongs to. */
  traceparent: string | null
  /** Epoch ms. */
  startedAt: number
  /** Epoch ms. */
  endedAt: number
  attributes: Attributes
  hasFailed: boolean
}
export interface RequestSpan {
  /** The trace context for everything that happens within the request. */
  traceparent: string
  /** Ends the span now. Its name and attributes are known only at the end. */
  end(name: string, attributes: Attributes, hasFailed: boolean): void
}

function parentContext(traceparent: unknown): Context | undefined {
  const parent = parseTraceparent(traceparent)
  if (!parent) return undefined
  const traceFlags = Number.parseInt(parent.flags, 16) & TraceFlags.SAMPLED
  return trace.setSpanContext(ROOT_CONTEXT, { traceId: parent.traceId, spanId: parent.spanId, traceFlags, isRemote: true })
}

/** Records a span for work that is over. Work without a valid traceparent gets none. */
export function recordSpan({ name, traceparent, startedAt, endedAt, attributes, hasFailed }: FinishedSpan): void {
  const parent = parentContext(traceparent)
  if (!parent) return
  const span = trace.getTracer('handoff').startSpan(name, { startTime: startedAt, attributes }, parent)
  if (hasFailed) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end(endedAt)
}

/** Starts the span of a request now. @param traceparent the request's own header: a malformed one counts as absent (W3C Trace Context §3.2) */
export function startRequestSpan(traceparent: unknown): RequestSpan {
  const span = trace.getTracer('handoff').startSpan('request', { kind: SpanKind.SERVER }, parentContext(traceparent) ?? ROOT_CONTEXT)
  const { traceId, spanId, traceFlags } = span.spanContext()
  return {
    traceparent: `00-${traceId}-${spanId}-0${traceFlags & TraceFlags.SAMPLED}`,
    end(name, attributes, hasFailed) {
      span.updateName(name).setAttributes(attributes)
      if (hasFailed) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    },
  }
}
