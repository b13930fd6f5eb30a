/** How times in the database become times that callers read. */

/** @param ms epoch ms, or null. @returns ISO 8601, or null */
export const toIsoTime = (ms: unknown): string | null => (typeof ms === 'number' ? new Date(ms).toISOString() : null)
