/** What each kind of fault does to a request and to its response. */
import type { Fault } from '../specs/fault-spec.ts'

/** What the client gets. `normal` stands for the status or body that it would get without the fault. */
type ResponseEffect =
  | {
      readonly kind: 'respond'
      readonly status: number | 'normal'
      readonly body: 'normal' | 'documented' | 'empty' | 'html' | 'wrong-shape'
      /** Whose limit a 429 names; default the token's. */
      readonly limitScope?: 'token' | 'organization'
    }
  | { readonly kind: 'respond-with'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'reset' | 'no-response' | 'half-response' }

/** What a fault does to one request. */
export interface FaultEffect {
  /** Whether the platform executes the request nevertheless. */
  readonly isExecuted: boolean
  readonly response: ResponseEffect
  /** Added to the latency, ms. */
  readonly delayMs: number
  readonly headers: Readonly<Record<string, string>>
}

/** The effect of a fault. Its field `acts` overrides whether the request is executed, where the kind has that field. */
export function createFaultEffect(fault: Fault): FaultEffect {
  const effect = (isExecuted: boolean, response: ResponseEffect, headers = {}): FaultEffect => ({
    isExecuted: 'acts' in fault ? (fault.acts ?? isExecuted) : isExecuted,
    response,
    delayMs: 0,
    headers,
  })
  switch (fault.kind) {
    case 'status':
      if (fault.body !== undefined) return effect(false, { kind: 'respond-with', status: fault.status, body: fault.body }, fault.headers)
      return effect(false, { kind: 'respond', status: fault.status, body: 'documented' }, fault.headers)
    case 'empty':
    case 'html':
      return effect(false, { kind: 'respond', status: fault.status, body: fault.kind })
    case 'wrong-shape':
      return effect(true, { kind: 'respond', status: 'normal', body: 'wrong-shape' })
    case 'delay':
      return { ...effect(true, { kind: 'respond', status: 'normal', body: 'normal' }), delayMs: fault.ms }
    case 'rate-limited':
      return effect(
        false,
        { kind: 'respond', status: 429, body: 'documented', ...(fault.scope && { limitScope: fault.scope }) },
        { 'retry-after': String(fault.retryAfterSeconds) },
      )
    case 'conflict':
      return effect(false, { kind: 'respond', status: 409, body: 'documented' })
    case 'silence':
      return effect(false, { kind: 'no-response' })
    case 'half-response':
      return effect(true, { kind: 'half-response' })
    case 'reset-before':
      return effect(false, { kind: 'reset' })
    case 'reset-after':
      return effect(true, { kind: 'reset' })
  }
}
