/** Open-loop load: each request goes at its time, whatever became of those before it, and is timed from that time. */
import { readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { round } from './report.ts'

export interface Load {
  /** Ms from the moment each was due until it was answered, sorted. */
  ms: number[]
  /** What went wrong, and how often. */
  failures: Record<string, number>
  seconds: number
}

/** Sends `perSecond` for so long. @param send resolves with what went wrong, or nothing */
export async function openLoop(perSecond: number, forSeconds: number, send: (index: number) => Promise<string | undefined>): Promise<Load> {
  const many = Math.round(perSecond * forSeconds)
  const ms: number[] = []
  const failures: Record<string, number> = {}
  const underWay: Array<Promise<void>> = []
  const began = performance.now() + 20
  for (let index = 0; index < many; index++) {
    const due = began + (index * 1000) / perSecond
    const wait = due - performance.now()
    if (wait > 0) await setTimeout(wait)
    underWay.push(
      send(index)
        .catch((error: unknown) => (error as Error).message)
        .then((wrong) => {
          if (wrong === undefined) ms.push(performance.now() - due)
          else failures[wrong] = (failures[wrong] ?? 0) + 1
        }),
    )
  }
  await Promise.all(underWay)
  return { ms: ms.toSorted((a, b) => a - b), failures, seconds: (performance.now() - began) / 1000 }
}

/** By nearest rank; `sorted` ascending. */
export const percentile = (sorted: readonly number[], percent: number): number =>
  sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN

export const spread = (sorted: readonly number[]): { p50: number; p95: number; p99: number } => ({
  p50: round(percentile(sorted, 50), 1),
  p95: round(percentile(sorted, 95), 1),
  p99: round(percentile(sorted, 99), 1),
})
export const failed = ({ failures }: Load): string =>
  Object.entries(failures)
    .map(([what, many]) => `${many} × ${what}`)
    .join(', ')

/** CPU time of a process so far, ms. Linux only; its clock ticks a hundred times a second. */
export async function cpuMs(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}
