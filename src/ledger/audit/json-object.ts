/** Reads JSON that may be damaged, without throwing: log lines, and entries that may have been tampered with. */

/** @returns the parsed object; an empty one when the text is not JSON */
export function parseJsonObject(text: string): Record<string, unknown> {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>
  } catch {
    return {}
  }
}
