/** How times in the database become times that callers read. */

/** @param ms epoch ms. @returns ISO 8601; null for null */
export const toIsoTime = (ms: unknown): string | null => (typeof ms === 'number' ? new Date(ms).toISOString() : null)
