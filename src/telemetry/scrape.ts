/** Collects the values of one Prometheus scrape. A source that fails or is slow does not delay the others. */

/** Provides the values of one or more gauges. */
export interface GaugeSource {
  /** Reads the current values. @returns a function that writes them to the gauges */
  read: () => (() => void) | Promise<() => void>
  /** Removes the values of an earlier scrape: no value is better than an outdated one. */
  reset?: () => void
}

/** A source that takes longer counts as failed, ms. Prometheus waits 10 s for the whole scrape by default. */
const sourceTimeoutMs = 2_000

/** Rejects when the work takes too long. A later result is ignored. */
async function withTimeout<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), timeoutMs)
  })
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer))
}

/**
 * Reads every source and writes its values. Never rejects.
 * @param onError called with the name of each source that failed
 */
export async function readSources(
  sources: ReadonlyMap<string, GaugeSource>,
  onError: (source: string) => void,
  timeoutMs = sourceTimeoutMs,
): Promise<void> {
  await Promise.all(
    [...sources].map(async ([name, { read, reset }]) => {
      try {
        const write = await withTimeout(Promise.resolve().then(read), timeoutMs)
        reset?.()
        write()
      } catch {
        reset?.()
        onError(name)
      }
    }),
  )
}
