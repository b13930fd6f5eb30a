/** OpenTelemetry spans: one for each request, and below it one for each stage and platform call. */
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags, type Context } from '@opentelemetry/api'
import { parseTraceparent } from '../model/formats/patterns.ts'
import type { FinishedSpan, RequestSpan } from './spans.ts'

function parentContext(traceparent: unknown): Context | undefined {
  const parent = parseTraceparent(traceparent)
  if (!parent) return undefined
  const traceFlags = Number.parseInt(parent.flags, 16) & TraceFlags.SAMPLED
  return trace.setSpanContext(ROOT_CONTEXT, { traceId: parent.traceId, spanId: parent.spanId, traceFlags, isRemote: true })
}

/** Records a span for work that is over. Work without a valid traceparent gets none. */
export function recordFinishedSpan({ name, traceparent, startedAt, endedAt, attributes, hasFailed }: FinishedSpan): void {
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
    end({ name, attributes, hasFailed }) {
      span.updateName(name).setAttributes(attributes)
      if (hasFailed) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    },
  }
}
