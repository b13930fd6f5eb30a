/** The settings that all parts of the capacity benchmark share: the platform, the clients and the loadsPerMinute. */

export const clientKinds = ['tutorial', 'Handoff, polling', 'Handoff, events'] as const
export type ClientKind = (typeof clientKinds)[number]

export const platformMs = 80
/** From the arrival of a call in the queue until an agent picks up. */
export const pickupAfterMs = 12_000
/** The platform's real limit for one token, requests a minute. */
export const realLimitPerMinute = 300
/** Transfers requested a minute: more than any client can finish. */
export const overloadPerMinute = 240
/** Transfers requested a minute. The clients reach their best throughput at different loadsPerMinute. */
export const loadsPerMinute = [10, 20, 30, 60, overloadPerMinute]
/** How long a load under the rate limit lasts. Its first minute uses up the limit of the first window and does not count. */
export const limitedLoad = { seconds: 150, warmupSeconds: 60 }
