/** Which nodes of a SQLite file are dead although their lease runs: they were processes of this machine, and those can be asked for. */
import { hostname } from 'node:os'

/** Nodes of this very process. */
const here = new Set<string>()

function isGone(pid: number): boolean {
  // Our own number in another node's row: that process ended, or we would not have it.
  if (pid === process.pid) return true
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

export const processes = {
  enter: (node: string): void => void here.add(node),
  leave: (node: string): void => void here.delete(node),
  isDead: ({ id, host, pid }: { id: string; host: string; pid: number }): boolean => host === hostname() && !here.has(id) && isGone(pid),
}
