/** CPU time and memory of other processes, as Linux reports them. */
import { readFile } from 'node:fs/promises'

/** The unit of CPU times in `/proc`: Linux reports them in hundredths of a second (USER_HZ). */
const tickMs = 10

/** CPU time of a process since its start, user and system, ms. Linux only. */
export async function readCpuMs(pid: number): Promise<number> {
  // Fields 1 and 2 of proc_pid_stat(5) are removed, because the name in field 2 may contain spaces. Field 14 is the user time, field 15 the
  // system time.
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /, '').split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}

/** CPU time of several processes together, ms. Those that have ended count as 0. */
export async function readTotalCpuMs(pids: readonly number[]): Promise<number> {
  return (await Promise.all(pids.map((pid) => readCpuMs(pid).catch(() => 0)))).reduce((sum, ms) => sum + ms, 0)
}

/** Resident memory of a process (VmRSS), MB (10⁶ bytes). Linux only. */
export async function readResidentMb(pid: number): Promise<number> {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]
  return (Number(kib) * 1024) / 1e6
}
