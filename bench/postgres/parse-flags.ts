/** The flags of the PostgreSQL benchmark, and how their values are parsed. */
import type { Flags } from '../harness/benchmark.ts'
import type { PartOptions } from './parts.ts'

export const flags = {
  part: 'which parts, separated by commas: latency, busy, distant, throughput, growth, round-trips (default: all)',
  clients: 'which clients, separated by semicolons, as the tables name them (latency, busy, distant, throughput; default: all)',
  rates: 'transfers a second, separated by commas (latency, busy, distant)',
  rounds: 'how many rounds; for round-trips, how many single transfers',
  seconds: 'how long each measurement takes',
  sizes: 'numbers of stored transfers, separated by commas (growth)',
  warmup: 'how many seconds each client is loaded before the measurements (latency, busy, distant)',
}

/** @throws Error that names the flag */
function parseNumber(name: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`--${name} takes numbers above 0, not ${JSON.stringify(text)}`)
  return value
}

/** Parses the flags. @throws Error that names a flag whose value is not valid */
export function parsePartOptions(values: Flags): PartOptions {
  const parseFlag = (name: keyof typeof flags) => (values[name] === undefined ? undefined : parseNumber(name, values[name]))
  const parseList = (name: keyof typeof flags) => values[name]?.split(',').map((text) => parseNumber(name, text))
  return {
    clients: values['clients']?.split(';').map((name) => name.trim()),
    rates: parseList('rates'),
    rounds: parseFlag('rounds'),
    seconds: parseFlag('seconds'),
    sizes: parseList('sizes'),
    warmupSeconds: parseFlag('warmup'),
  }
}
