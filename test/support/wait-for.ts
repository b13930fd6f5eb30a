/** Waits for a condition that no event announces to the test, such as the state of another process. */
import { setTimeout } from 'node:timers/promises'

const intervalMs = 10

/**
 * Calls `check` every few milliseconds until it returns something truthy.
 * @param description what the test waits for, for the error message
 * @returns what `check` returned
 * @throws Error when that does not happen within `timeoutMs`
 */
export async function waitFor<T>(
  check: () => T | Promise<T>,
  description = 'the condition',
  timeoutMs = 60_000,
): Promise<Exclude<T, false | null | undefined>> {
  for (const end = performance.now() + timeoutMs; performance.now() < end;) {
    const result = await check()
    if (result) return result as Exclude<T, false | null | undefined>
    await setTimeout(intervalMs)
  }
  throw new Error(`waited ${timeoutMs} ms in vain for ${description}`)
}
