/** How the configured webhook endpoints are registered, and when a new one takes over the deliveries of one that is no longer configured. */
import type { EndpointStore } from '../contract/endpoints.ts'
import type { Engine } from '../engine/engine.ts'
import type { Tables } from '../tables/tables.ts'

export function createEndpointOperations(engine: Engine, { endpoints, deliveries, outbox }: Tables): EndpointStore {
  return {
    listEndpoints: () => engine.read(() => endpoints.listHealth()),
    registerEndpoints: (ids) =>
      engine.write(function* () {
        // The clock may have been set back while the service was stopped.
        yield* outbox.correctTimesAfterSetBack()
        const added = yield* endpoints.register(ids)
        const unconfigured = (yield* deliveries.listPendingEndpoints()).filter((id) => !ids.includes(id))
        const [to, ...otherAdded] = added
        const [from, ...otherUnconfigured] = unconfigured
        const isAddressChange = to !== undefined && from !== undefined && otherAdded.length + otherUnconfigured.length === 0
        if (!isAddressChange) return { reassigned: 0, unconfigured }
        return { reassigned: yield* deliveries.reassign(from, to), unconfigured: [] }
      }),
  }
}
