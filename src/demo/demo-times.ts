/** How fast the demo runs: fast enough to watch, and slow enough to follow. */
export const demoTimes = { platformLatencyMs: 30, pollIntervalMs: 250, pickupTimeoutMs: 7_000, talkMs: 15_000, fallbackPickupMs: 900 }
