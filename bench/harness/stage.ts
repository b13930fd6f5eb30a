/** What the load benches play on: a simulator with calls, a queue and agents, and services beside it. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Wish } from './clients.ts'
import {
  answers,
  spawnService,
  startSimulator,
  stopping,
  type Running,
  type Service,
  type ServiceOptions,
  type Simulator,
} from './processes.ts'

export interface QueueOptions {
  agents?: number
  /** Ms until an agent picks up. */
  pickupAfterMs?: number
  /** Ms a call waits before it is offered to anybody. */
  offerDelayMs?: number
  talkMs?: number
}
export interface Place {
  skillId: string
  queueId: string
}

/** A queue whose agents have one skill. Where calls are never offered, somebody is always idle. */
export async function openQueue(
  simulator: Simulator,
  { agents = 5, pickupAfterMs = 600, offerDelayMs = 3_600_000, talkMs = 500 }: QueueOptions = {},
): Promise<Place> {
  const { id: skillId } = await simulator.tell<{ id: string }>('POST', '/skills', {})
  const { id: queueId } = await simulator.tell<{ id: string }>('POST', '/queues', { offerDelayMs, talkMs, afterCallWorkMs: 0 })
  for (let made = 0; made < agents; made++)
    await simulator.tell('POST', '/agents', {
      skillIds: [skillId],
      queueIds: [queueId],
      answers: [{ after: pickupAfterMs, with: 'pickup' }],
    })
  return { skillId, queueId }
}

/** Calls in the IVR that are to go to a place. */
export async function callsFor(
  simulator: Simulator,
  place: Place,
  count: number,
  spec: { callerHangsUpAfter?: number } = {},
): Promise<Wish[]> {
  const wishes: Wish[] = []
  for (let left = count; left > 0; left -= 5_000) {
    const { conversationIds } = await simulator.tell<{ conversationIds: string[] }>('POST', '/conversations', {
      ...spec,
      in: 'ivr',
      count: Math.min(left, 5_000),
    })
    wishes.push(...conversationIds.map((conversationId) => ({ conversationId, ...place })))
  }
  return wishes
}

export const key = `hk_bench_${'b'.repeat(43)}`

/** Waits until a service watches nothing any more. */
export async function idle({ url }: Running): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await setTimeout(200)) {
    const text = await (await fetch(`${url}/metrics`)).text()
    if (/^handoff_transfers_watched 0$/m.test(text)) return
  }
  throw new Error('the service watches on')
}

/** A service that has logged in and run its code once. */
export async function startService(simulatorUrl: string, folder: string, options: ServiceOptions = {}): Promise<Service> {
  const service = await spawnService(simulatorUrl, folder, options)
  await answers(service, '/ready')
  return service
}

export async function startFloor(simulatorUrl: string, token: string): Promise<Running> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'floor-server.ts'), simulatorUrl, token], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  for await (const part of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    output += part as string
    if (output.includes('\n')) break
  }
  const url = /floor: (\S+)/.exec(output)?.[1]
  if (url === undefined) throw new Error('the floor did not start')
  return { url, pid: Number(child.pid), stop: stopping(child) }
}

/** Runs work with things that are stopped after it, the last first. */
export async function withAll<T>(work: (keep: <R extends Running>(running: Promise<R>) => Promise<R>) => Promise<T>): Promise<T> {
  const running: Running[] = []
  try {
    return await work(async (starting) => {
      const started = await starting
      running.push(started)
      return started
    })
  } finally {
    for (const one of running.toReversed()) await one.stop()
  }
}
export { startSimulator }
