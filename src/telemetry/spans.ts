/** The spans of requests and of work within them. They are recorded only if a collector is configured, because only then tracing.ts is loaded. */

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
  end(result: Pick<FinishedSpan, 'name' | 'attributes' | 'hasFailed'>): void
}

/** Set by `recordSpansWith`. */
let record: ((span: FinishedSpan) => void) | undefined

/** Names the function that records spans from now on. */
export function recordSpansWith(recordFinished: (span: FinishedSpan) => void): void {
  record = recordFinished
}

/** Records a span for work that is over. Work without a valid traceparent gets none. */
export const recordSpan = (span: FinishedSpan): void => record?.(span)
