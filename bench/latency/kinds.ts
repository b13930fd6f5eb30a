/** The clients whose request latency is compared. */

/**
 * `tutorial`: the tutorial's sequence of platform calls. `two calls`: only the two that no transfer can do without, sent directly.
 * `bare server`: the same two calls behind a server. The others are Handoff, which learns of pickups by polling or by events.
 */
export type ClientKind = 'tutorial' | 'two calls' | 'bare server' | 'Handoff, polling' | 'Handoff, events'

export const isServer = (kind: ClientKind): boolean => kind === 'bare server' || kind.startsWith('Handoff')
