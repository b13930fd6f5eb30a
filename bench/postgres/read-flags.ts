/** Reads the flags of the PostgreSQL benchmark. */
import type { Flags } from '../harness/benchmark.ts'
import type { PartOptions } from './parts.ts'

export const flags = {
  part: 'which parts, separated by commas: latency, busy, distant, throughput, growth, round-trips (default: all)',
  clients: 'which clients, separated by semicolons, as the tables name them (default: all)',
  rates: 'transfers a second, separated by commas (latency, busy, distant)',
  rounds: 'how many rounds',
  seconds: 'how long each measurement takes',
  sizes: 'numbers of stored transfers, separated by commas (growth)',
  warmup: 'how many seconds each client is loaded before the measurements (latency, busy, distant)',
}

/** @throws Error that names the flag */
function readNumber(name: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`--${name} takes numbers above 0, not ${JSON.stringify(text)}`)
  return value
}

/** @throws Error that names a flag without the right value */
export function readPartOptions(given: Flags): PartOptions {
  const number = (name: keyof typeof flags) => (given[name] === undefined ? undefined : readNumber(name, given[name]))
  const numbers = (name: keyof typeof flags) => given[name]?.split(',').map((text) => readNumber(name, text))
  return {
    clients: given['clients']?.split(';').map((name) => name.trim()),
    rates: numbers('rates'),
    rounds: number('rounds'),
    seconds: number('seconds'),
    sizes: numbers('sizes'),
    warmup: number('warmup'),
  }
}
