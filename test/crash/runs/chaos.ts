/** Kills nodes, restarts the database and breaks connections to the platform, at random, until told to stop. */
import { setTimeout } from 'node:timers/promises'
import type { FaultOptions } from '../../../src/simulator/control/fault-options.ts'
import { addCount, type CampaignResult } from '../harness/campaign-result.ts'
import type { Cluster } from '../harness/cluster.ts'
import type { LedgerStorage } from '../harness/ledger-storage.ts'
import type { NodeProcess } from '../harness/node-process.ts'

export interface ChaosOptions {
  /** Time with all nodes up between two kills: shortest and longest, ms. */
  killEveryMs: readonly [number, number]
  /** Time with all nodes up between two restarts of the database, ms. */
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

/** Between two looks at the nodes, ms. */
const stepMs = 50

/** Resolves after this much time in which all nodes were up. A busy machine starts them slowly, and must also move calls between faults. */
async function pauseWhileUp(cluster: Cluster, nodeCount: number, ms: number, isStopped: () => boolean): Promise<void> {
  for (let left = ms; left > 0 && !isStopped();) {
    await setTimeout(stepMs)
    if (cluster.nodes.length === nodeCount) left -= stepMs
  }
}

/** Which nodes are killed one right after the other: one of them, or now and then all. */
const chooseVictims = (nodes: readonly NodeProcess[]): readonly NodeProcess[] =>
  Math.random() < 0.2 ? nodes : [nodes[Math.floor(Math.random() * nodes.length)] as NodeProcess]

/** Kills and restarts until `isStopped` returns true. Resolves when the last restart of the database is over. */
export async function runChaos(
  cluster: Cluster,
  storage: LedgerStorage,
  { killEveryMs: [shortestMs, longestMs], restartEveryMs }: ChaosOptions,
  result: CampaignResult,
  isStopped: () => boolean,
): Promise<void> {
  const nodeCount = cluster.nodes.length
  const pause = (ms: number) => pauseWhileUp(cluster, nodeCount, ms, isStopped)

  async function killNodes(): Promise<void> {
    const nextPause = (): number => shortestMs + Math.random() * (longestMs - shortestMs)
    for (await pause(shortestMs); !isStopped(); await pause(nextPause())) {
      for (const victim of chooseVictims(cluster.nodes)) {
        victim.signal('SIGKILL')
        await victim.died
        addCount(result, 'nodes killed')
        void startNodeUntilUp(cluster, isStopped)
      }
    }
  }
  async function restartDatabase(): Promise<void> {
    for (await pause(restartEveryMs); !isStopped() && storage.restart; await pause(restartEveryMs)) {
      await storage.restart()
      addCount(result, 'restarts of the database')
    }
  }
  await Promise.all([killNodes(), restartDatabase()])
}
