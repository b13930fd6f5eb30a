/** Ids for the examples: those of the simulator's scene, so that "Execute" works with it (a test compares them), and made-up ones. */

/** What the simulator has from the start. */
export const scene = {
  skill: '5a1e0000-0000-4000-8000-000000000001',
  queue: '9e0e0000-0000-4000-8000-000000000001',
  fallbackQueue: '9e0e0000-0000-4000-8000-000000000002',
  /** No agent serves it, so that a call waits there. */
  unstaffedQueue: '9e0e0000-0000-4000-8000-000000000003',
  agent: 'a9e70000-0000-4000-8000-000000000001',
  scheduleGroup: '06e70000-0000-4000-8000-000000000001',
  emergencyGroup: 'e3e60000-0000-4000-8000-000000000001',
}

/** The nth call that waits in the IVR of the simulator, from 1 to 20. Each example has its own, so that no example gets in the way of another. */
export const sceneCall = (n: number): string => `ca110000-0000-4000-8000-${String(n).padStart(12, '0')}`

/**
 * Ids that nothing has: Handoff makes the ids of transfers, deliveries and endpoints. In Swagger UI each stands for the newest one
 * (page/handoff.js).
 */
export const madeUp = {
  transfer: '019a0000-0000-7000-8000-000000000001',
  otherTransfer: '019a0000-0000-7000-8000-000000000002',
  bulkTransfer: '019a0000-0000-7000-8000-00000000000b',
  delivery: 'evt_019a0000-0000-7000-8000-000000000001',
  endpoint: 'ep_000000000000',
  node: '019a0000-0000-7000-8000-00000000000a',
  correlation: '6dab653a-3b3a-4003-b1d1-9b53d83fb5fc',
}
