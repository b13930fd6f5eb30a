/** The CRM's webhook endpoints: when a failing one is paused, and what is known of each (docs/architecture.md#crm-webhooks). */

/** When an endpoint is paused: it has failed for at least `failingMs` (ms) and at least `failures` times in a row. */
export interface PausePolicy {
  failingMs: number
  failures: number
  /** A paused endpoint gets one attempt each `probeEveryMs` (ms), to find out whether it works again. */
  probeEveryMs: number
}

/** Times are ISO 8601. */
export interface EndpointHealth {
  id: string
  /** Since when every attempt has failed; null: the last attempt succeeded, or there was none. */
  failingSince: string | null
  /** Failures in a row. */
  failures: number
  pausedAt: string | null
  nextProbeAt: string | null
  /** Number of pending deliveries. */
  pending: number
  /** When the oldest pending delivery was queued. */
  oldestPendingAt: string | null
}

/** The result of registering the configured endpoints. */
export interface EndpointRegistration {
  /** Number of pending deliveries that a new endpoint took over from one that is not configured any more. */
  reassigned: number
  /** Ids of endpoints that are not configured and still have pending deliveries. */
  unconfigured: string[]
}

/** How an attempt changed the state of its endpoint; undefined: not at all. */
export type EndpointTransition = 'paused' | 'resumed' | undefined

export interface EndpointStore {
  /** The health of every endpoint that is registered or has pending deliveries. @throws StoreUnavailable */
  listEndpoints(): Promise<EndpointHealth[]>
  /**
   * Registers the configured endpoints. An endpoint's id follows from its address. So when exactly one id is new, and exactly one id with
   * pending deliveries is not configured any more, then its address was changed, and the new id takes over its pending deliveries.
   * @throws StoreUnavailable
   */
  registerEndpoints(ids: readonly string[]): Promise<EndpointRegistration>
}
