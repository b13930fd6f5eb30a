/** What a part of the PostgreSQL benchmark is, and what can be changed about it on the command line. */
import type { Report } from '../harness/benchmark.ts'
import type { Rate } from '../load/latency-rounds.ts'

/** The flags, read. What was not given is undefined, and each part has its own default. */
export interface PartOptions {
  /** Names of the clients to measure. */
  clients: readonly string[] | undefined
  /** Transfers a second. */
  rates: readonly number[] | undefined
  rounds: number | undefined
  seconds: number | undefined
  /** Numbers of stored transfers. */
  sizes: readonly number[] | undefined
  warmup: number | undefined
}

export type Part = (options: PartOptions) => Promise<Pick<Report, 'method' | 'tables' | 'targets'>>

/** The same duration for each rate. */
export const ratesOf = (perSecond: readonly number[], seconds: number): Rate[] => perSecond.map((rate) => ({ perSecond: rate, seconds }))
