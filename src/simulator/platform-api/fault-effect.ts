/** What each kind of fault does to a request and to its response. */
import type { Fault } from '../specs/fault-spec.ts'

/** What the client gets. `normal` stands for the status or body that it would get without the fault. */
type ResponseEffect =
  | {
      readonly kind: 'respond'
      readonly status: number | 'normal'
      readonly body: 'normal' | 'documented' | 'empty' | 'html' | 'wrong-shape'
      /** Which limit a 429 names; by default the token's. */
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

/** Creates the effect of a fault. In the kinds that have a field `acts`, it overrides whether the request is executed. */
export function createFaultEffect(fault: Fault): FaultEffect {
  const effect = describeEffect(fault)
  const isExecuted = 'acts' in fault ? (fault.acts ?? effect.isExecuted) : effect.isExecuted
  return { delayMs: 0, headers: {}, ...effect, isExecuted }
}

type EffectDescription = Pick<FaultEffect, 'isExecuted' | 'response'> & Partial<FaultEffect>

/** What each kind of fault does unless its field `acts` says otherwise. */
function describeEffect(fault: Fault): EffectDescription {
  switch (fault.kind) {
    case 'status': {
      const { status, body, headers = {} } = fault
      if (body !== undefined) return { isExecuted: false, response: { kind: 'respond-with', status, body }, headers }
      return { isExecuted: false, response: { kind: 'respond', status, body: 'documented' }, headers }
    }
    case 'empty':
    case 'html':
      return { isExecuted: false, response: { kind: 'respond', status: fault.status, body: fault.kind } }
    case 'wrong-shape':
      return { isExecuted: true, response: { kind: 'respond', status: 'normal', body: 'wrong-shape' } }
    case 'delay':
      return { isExecuted: true, response: { kind: 'respond', status: 'normal', body: 'normal' }, delayMs: fault.ms }
    case 'rate-limited':
      return {
        isExecuted: false,
        response: { kind: 'respond', status: 429, body: 'documented', ...(fault.scope && { limitScope: fault.scope }) },
        headers: { 'retry-after': String(fault.retryAfterSeconds) },
      }
    case 'conflict':
      return { isExecuted: false, response: { kind: 'respond', status: 409, body: 'documented' } }
    case 'silence':
      return { isExecuted: false, response: { kind: 'no-response' } }
    case 'half-response':
      return { isExecuted: true, response: { kind: 'half-response' } }
    case 'reset-before':
      return { isExecuted: false, response: { kind: 'reset' } }
    case 'reset-after':
      return { isExecuted: true, response: { kind: 'reset' } }
  }
}
