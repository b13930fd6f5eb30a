/** Waits until a node has reached a crash point, and kills it there when the point lies outside the process. */
import { setImmediate, setTimeout } from 'node:timers/promises'
import { overflowAfterSeconds } from '../harness/caller.ts'
import type { Call, Cluster } from '../harness/cluster.ts'
import type { NodeProcess } from '../harness/node-process.ts'
import { findTransfers, pollIntervalMs } from '../invariants/read-cluster.ts'
import type { CrashPoint } from '../points/crash-point.ts'

export const reachTimeoutMs = 40_000
/** The length of the window in which a random moment lies. */
const randomMomentMs = 450

/** Ms until a random moment at which a node is killed or stopped: after the request, or around the moment at which its call moves on. */
export const pickRandomDelayMs = ({ onLaterHop }: CrashPoint): number =>
  Math.random() * randomMomentMs + (onLaterHop ? 1_000 * overflowAfterSeconds - randomMomentMs / 3 : 0)

/** Kills the node when its command has reached the simulator, or when the simulator has executed it. */
async function killAtSimulator(
  { control }: Cluster,
  node: NodeProcess,
  { operation: pointOperation, moment, onLaterHop, isCallback }: Extract<CrashPoint, { port: 'simulator' }>,
  { conversationId }: Call,
): Promise<void> {
  const hasArrived = (): boolean =>
    moment === 'after'
      ? (isCallback ? control.callbacks(conversationId) : control.transfers(conversationId)).length > (onLaterHop ? 1 : 0)
      : control.requests().log.some(({ operation, path }) => operation === pointOperation && path.includes(conversationId))
  for (const end = Date.now() + reachTimeoutMs; !hasArrived() && Date.now() < end;) await setImmediate()
  if (hasArrived()) node.signal('SIGKILL')
}

/** Sets the faults of the platform that belong to a point, and no others. */
export function setFaults({ control }: Cluster, { platformFaults = [] }: Partial<Pick<CrashPoint, 'platformFaults'>>): void {
  control.clearFaults()
  control.clearRequests()
  for (const fault of platformFaults) control.addFault(fault)
}

/** Waits until a call is at its first place, from where it is to move on, or has already. @throws Error if it does not get there in time */
export async function waitForFirstHop(cluster: Cluster, { conversationId }: Call): Promise<void> {
  for (const end = Date.now() + reachTimeoutMs; Date.now() < end; await setTimeout(pollIntervalMs))
    if ((await findTransfers(cluster, conversationId)).some(({ state }) => state === 'initiated' || state === 'picked_up')) return
  throw new Error(`${conversationId} was not moved to its first place`)
}

/** Resolves with true when the node reports that it reached the point, and with false when it dies before that. */
export const hasReached = (node: NodeProcess, name: string): Promise<boolean> =>
  node.whenReached(name).then(
    () => true,
    () => false,
  )

/**
 * @param call the call whose command is waited for at the simulator
 * @returns whether the node died at the point, or a write was reported as failed there
 */
export async function reachPoint(cluster: Cluster, node: NodeProcess, point: CrashPoint, call: Call): Promise<boolean> {
  const timeout = setTimeout(reachTimeoutMs, false, { ref: false })
  if (point.port === 'simulator') await killAtSimulator(cluster, node, point, call)
  if (point.port === 'random') void setTimeout(pickRandomDelayMs(point)).then(() => node.signal('SIGKILL'))
  const reached = point.action === 'kill' ? node.died.then((cause) => cause === 'SIGKILL') : hasReached(node, point.name)
  return Promise.race([reached, timeout])
}
