/** The CRM's webhook endpoints: when a failing one is paused, and the health of each (docs/webhooks.md#retries). */

/** An endpoint is paused after it has failed for at least `failingMs` (ms) and at least `failures` times in a row. */
export interface PausePolicy {
  failingMs: number
  failures: number
  /** Interval of the single attempts that check whether a paused endpoint works again, ms. */
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
   * Registers the configured endpoints. The id of an endpoint is derived from its address. So if exactly one id is new, and exactly one id
   * with pending deliveries is no longer configured, the endpoint's address was changed, and the new id takes over the pending deliveries.
   * @throws StoreUnavailable
   */
  registerEndpoints(ids: readonly string[]): Promise<EndpointRegistration>
}
