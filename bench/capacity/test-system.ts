/** One simulator with a queue whose agents pick up after 12 s, and one client that counts its finished transfers. */
import { setTimeout } from 'node:timers/promises'
import type { Agent } from 'undici'
import { withProcesses, type RunningProcess } from '../harness/child-process.ts'
import { createHandoffClient, type TargetKind, type TransferClient } from '../harness/handoff-client.ts'
import { createDispatcher, logIn } from '../harness/http-client.ts'
import { startService } from '../harness/service-process.ts'
import { startSimulator, type Simulator } from '../harness/simulator-process.ts'
import { withTemporaryFolder } from '../harness/temporary-folder.ts'
import { addQueue, type TestQueue } from '../harness/test-calls.ts'
import { createTutorialClient } from '../harness/tutorial-client.ts'
import { pickupAfterMs, platformMs, realLimitPerMinute, type ClientKind } from './settings.ts'

/** Enough that a call never waits for an agent. */
const agents = 120
const ringMs = 1_000
const talkMs = 2_000

export interface CapacityClient {
  transfer: TransferClient
  /** How many transfers are known to have been picked up. */
  countFinished: () => Promise<number>
}

export interface CapacitySystem extends CapacityClient {
  simulator: Simulator
  queue: TestQueue
}

/** How Handoff is used in a measurement. */
export interface Usage {
  targetKind?: TargetKind
  /** Environment variables. */
  settings?: Record<string, string>
}

let lastStart: Promise<unknown> = Promise.resolve()
/** Starts processes one after the other, because none of thirty at once would be ready in time. */
export function startInTurn<T>(start: () => Promise<T>): Promise<T> {
  const started = lastStart.then(start)
  lastStart = started.catch(() => {})
  return started
}

/** Starts a simulator by `startInTurn`. `isLimited`: it enforces the platform's real rate limit. */
export function startPlatform({ isLimited }: { isLimited: boolean }): Promise<Simulator> {
  const flags = ['--latency', String(platformMs), ...(isLimited ? ['--requests-per-minute', String(realLimitPerMinute)] : [])]
  return startInTurn(() => startSimulator(flags))
}

/** Adds a queue whose agents pick up `pickupAfterMs` after a call has arrived. */
export const addServedQueue = (simulator: Simulator): Promise<TestQueue> =>
  addQueue(simulator, { agents, pickupAfterMs: ringMs, offerDelayMs: pickupAfterMs - ringMs, talkMs })

async function createTutorial({ url }: Simulator, dispatcher: Agent): Promise<CapacityClient> {
  const client = createTutorialClient(url, await logIn(url), dispatcher)
  let finished = 0
  return {
    countFinished: async () => finished,
    async transfer(call) {
      await client.transfer(call)
      void client.waitForPickup(call.conversationId).then(
        (isPickedUp) => isPickedUp && finished++,
        () => {},
      )
      return undefined
    },
  }
}

async function createHandoff(
  { kind, isLimited, usage = {} }: CapacityOptions,
  simulatorUrl: string,
  dispatcher: Agent,
  track: <R extends RunningProcess>(starting: Promise<R>) => Promise<R>,
  folder: string,
): Promise<CapacityClient> {
  const settings = {
    PICKUP_EVENTS: kind === 'Handoff, events' ? 'on' : 'off',
    ...(isLimited && { GENESYS_REQUESTS_PER_MINUTE: String(realLimitPerMinute) }),
    ...usage.settings,
  }
  const service = await track(startInTurn(() => startService(simulatorUrl, folder, { settings })))
  return {
    transfer: createHandoffClient(service.url, dispatcher, usage.targetKind),
    async countFinished() {
      const { body } = await service.request<{ byState: Record<string, number> }>('GET', '/v1/transfers/summary')
      return body.byState['picked_up'] ?? 0
    },
  }
}

export interface CapacityOptions {
  kind: ClientKind
  /** Whether the simulator enforces the platform's real rate limit. */
  isLimited: boolean
  usage?: Usage
}

/** Runs `work` with a client on a simulator of its own. */
export async function withCapacitySystem<T>(options: CapacityOptions, work: (system: CapacitySystem) => Promise<T>): Promise<T> {
  return withTemporaryFolder((folder) =>
    withProcesses(async (track) => {
      const simulator = await track(startPlatform(options))
      const queue = await addServedQueue(simulator)
      const dispatcher = createDispatcher()
      try {
        const client =
          options.kind === 'tutorial'
            ? await createTutorial(simulator, dispatcher)
            : await createHandoff(options, simulator.url, dispatcher, track, folder)
        return await work({ simulator, queue, ...client })
      } finally {
        await dispatcher.destroy()
      }
    }),
  )
}

/** Waits until exactly `count` transfers are finished. Returns after `timeoutMs` even if they are not. */
export async function waitForFinished({ countFinished }: CapacityClient, count: number, timeoutMs: number): Promise<void> {
  for (const end = Date.now() + timeoutMs; (await countFinished()) !== count && Date.now() < end;) await setTimeout(250)
}
