/** The clients whose request latency is compared. */

/**
 * `tutorial`: the tutorial's sequence of platform calls. `two calls`: only the two that no transfer can do without, sent directly.
 * `bare server`: the same two calls behind a server. The rest: Handoff, with each of its two ways to learn of a pickup.
 */
export type ClientKind = 'tutorial' | 'two calls' | 'bare server' | 'Handoff, polling' | 'Handoff, events'

export const isServer = (kind: ClientKind): boolean => kind === 'bare server' || kind.startsWith('Handoff')
