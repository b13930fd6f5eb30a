/** What a part of the PostgreSQL benchmark is (bench/postgres.ts lists them), and the options that the command line sets for it. */
import type { Report } from '../harness/benchmark.ts'
import type { Rate } from '../load/latency-rounds.ts'

/** The parsed flags. A flag that is absent is undefined; each part has its own default. */
export interface PartOptions {
  /** The clients to measure, by their names in the tables. Growth and round trips have no choice of clients and ignore it. */
  clients: readonly string[] | undefined
  /** Transfers a second. */
  rates: readonly number[] | undefined
  /** How often everything is measured; for the round trips, how many single transfers are. */
  rounds: number | undefined
  /** The duration of each measurement. */
  seconds: number | undefined
  /** Numbers of stored transfers. */
  sizes: readonly number[] | undefined
  warmupSeconds: number | undefined
}

export type Part = (options: PartOptions) => Promise<Pick<Report, 'method' | 'tables' | 'targets'>>

/** Creates rates that all last equally long. */
export const createRates = (perSecond: readonly number[], seconds: number): Rate[] =>
  perSecond.map((rate) => ({ perSecond: rate, seconds }))
