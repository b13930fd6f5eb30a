/** Moments of the store (epoch ms) as callers read them. */
export const iso = (ms: unknown): string | null => (typeof ms === 'number' ? new Date(ms).toISOString() : null)
