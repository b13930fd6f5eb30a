import { setTimeout } from 'node:timers/promises'

/** Waits until `look` gives something, looking every few milliseconds; fails loudly when it never does. */
export async function until<T>(
  look: () => T | Promise<T>,
  what = 'the condition',
  mostMs = 15_000,
): Promise<Exclude<T, false | null | undefined>> {
  for (const end = Date.now() + mostMs; Date.now() < end;) {
    const seen = await look()
    if (seen) return seen as Exclude<T, false | null | undefined>
    await setTimeout(10)
  }
  throw new Error(`${what} did not come about within ${mostMs} ms`)
}
