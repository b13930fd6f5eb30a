/** Waits until a node has reached a crash point, and kills it there when the point lies outside the process. */
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Call, Cluster } from '../harness/cluster.ts'
import type { NodeProcess } from '../harness/node-process.ts'
import type { CrashPoint } from '../points/crash-point.ts'

export const reachTimeoutMs = 15_000
/** A random moment lies at most this long after the request. */
export const randomMomentMs = 450

/** Kills the node when its command has reached the simulator, or when the simulator has executed it. */
async function killAtSimulator(
  { control }: Cluster,
  node: NodeProcess,
  { operation: wanted, moment }: Extract<CrashPoint, { port: 'simulator' }>,
  { conversationId }: Call,
): Promise<void> {
  const hasArrived = (): boolean =>
    moment === 'after'
      ? control.transfers(conversationId).length > 0
      : control.requests().log.some(({ operation, path }) => operation === wanted && path.includes(conversationId))
  for (const end = Date.now() + reachTimeoutMs; !hasArrived() && Date.now() < end;) await setImmediate()
  if (hasArrived()) node.signal('SIGKILL')
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
  if (point.port === 'random') void setTimeout(Math.random() * randomMomentMs).then(() => node.signal('SIGKILL'))
  const reached = point.action === 'kill' ? node.died.then((cause) => cause === 'SIGKILL') : hasReached(node, point.name)
  return Promise.race([reached, timeout])
}
