/** How fast the demo runs. */

/** Short enough to watch and long enough to follow, ms. */
export const demoTimes = { platformLatency: 30, pollInterval: 250, pickupTimeout: 5_000, talk: 15_000, fallbackPicksUp: 900 }
