/** Which nodes of a SQLite file are dead although their lease has not expired: processes of this machine can be looked up. */
import { hostname } from 'node:os'
import type { NodeProcess } from '../engine/engine.ts'

/** Ids of the nodes that run in this process: tests run several. */
const ownNodes = new Set<string>()

function hasExited(pid: number): boolean {
  // If a node of another process had the id of this process, that process has exited and its id was given to this one.
  if (pid === process.pid) return true
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

export const localNodes = {
  add: (nodeId: string): void => void ownNodes.add(nodeId),
  remove: (nodeId: string): void => void ownNodes.delete(nodeId),
  /** Whether the node was a process of this machine that has exited. */
  isDead: ({ id, host, pid }: NodeProcess): boolean => host === hostname() && !ownNodes.has(id) && hasExited(pid),
}
