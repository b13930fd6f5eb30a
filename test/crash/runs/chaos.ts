/** Kills nodes, restarts the database and breaks connections to the platform, at random, until told to stop. */
import { setTimeout } from 'node:timers/promises'
import type { FaultOptions } from '../../../src/simulator/control/fault-options.ts'
import { addCount, type CampaignResult } from '../harness/campaign-result.ts'
import type { Cluster } from '../harness/cluster.ts'
import type { LedgerStorage } from '../harness/ledger-storage.ts'

export interface ChaosOptions {
  /** Time between two kills of a node: shortest and longest, ms. */
  killEveryMs: readonly [number, number]
  /** Time between two restarts of the database, ms. */
  restartEveryMs: number
}

/** The ways in which a platform request breaks: before or after the platform has executed it. */
const platformFaults: ReadonlyArray<FaultOptions['fault']> = [
  { kind: 'reset-before' },
  { kind: 'reset-after' },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 500, acts: true },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 503, acts: true },
  { kind: 'half-response' },
  { kind: 'html', status: 502 },
]

/** Breaks this share (0 to 1) of the next `requestCount` platform requests. */
export function breakPlatformRequests({ control }: Cluster, requestCount: number, share: number): void {
  for (let skip = 0; skip < requestCount; skip++) {
    if (Math.random() >= share) continue
    const fault = platformFaults[Math.floor(Math.random() * platformFaults.length)] as FaultOptions['fault']
    control.addFault({ skip, fault })
  }
}

/** Starts a node, and tries again until it listens. It cannot start while the database is down. */
export async function startNodeUntilUp(cluster: Cluster, isStopped: () => boolean): Promise<void> {
  while (!isStopped() && !(await cluster.startNode().catch(() => undefined)));
}

async function pause(ms: number, isStopped: () => boolean): Promise<void> {
  for (const end = Date.now() + ms; Date.now() < end && !isStopped();) await setTimeout(50)
}

async function killNodes(
  cluster: Cluster,
  [shortestMs, longestMs]: ChaosOptions['killEveryMs'],
  result: CampaignResult,
  isStopped: () => boolean,
): Promise<void> {
  const nextPause = (): number => shortestMs + Math.random() * (longestMs - shortestMs)
  for (await pause(shortestMs, isStopped); !isStopped(); await pause(nextPause(), isStopped)) {
    const victim = cluster.nodes[Math.floor(Math.random() * cluster.nodes.length)]
    if (!victim) continue
    victim.signal('SIGKILL')
    await victim.died
    addCount(result, 'nodes killed')
    void startNodeUntilUp(cluster, isStopped)
  }
}

async function restartDatabase(storage: LedgerStorage, everyMs: number, result: CampaignResult, isStopped: () => boolean): Promise<void> {
  for (await pause(everyMs, isStopped); !isStopped() && storage.restart; await pause(everyMs, isStopped)) {
    await storage.restart()
    addCount(result, 'restarts of the database')
  }
}

/** Resolves after `isStopped` has returned true and the last restart is over. */
export async function runChaos(
  cluster: Cluster,
  storage: LedgerStorage,
  { killEveryMs, restartEveryMs }: ChaosOptions,
  result: CampaignResult,
  isStopped: () => boolean,
): Promise<void> {
  await Promise.all([killNodes(cluster, killEveryMs, result, isStopped), restartDatabase(storage, restartEveryMs, result, isStopped)])
}
