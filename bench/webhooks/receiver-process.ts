/** The receiver as a process of its own, so that it does not share a thread with the sender. */
import { fork } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createEnvironment } from '../harness/child-process.ts'
import type { FromReceiver } from './receiver.ts'

export interface Receiver {
  url: string
  /** When each event arrived for the first time, epoch ms. */
  arrivedAt: ReadonlyMap<string, number>
  stop(): void
}

const arrivalTimeoutMs = 60_000

/** Starts the receiver. @param answerAfterMs how long it waits before it answers 200 */
export async function startReceiver(answerAfterMs: number): Promise<Receiver> {
  const child = fork(join(import.meta.dirname, 'receiver.ts'), {
    execArgv: [],
    env: createEnvironment({ ANSWER_AFTER_MS: String(answerAfterMs) }),
  })
  const arrivedAt = new Map<string, number>()
  const port = await new Promise<number>((resolve) =>
    child.on('message', (message: FromReceiver) => {
      if ('port' in message) resolve(message.port)
      else if (!arrivedAt.has(message.id)) arrivedAt.set(message.id, message.at)
    }),
  )
  return { url: `http://127.0.0.1:${port}/hook`, arrivedAt, stop: () => void child.kill() }
}

/** Waits until `count` different events have arrived. @throws Error when that takes too long */
export async function waitForArrivals({ arrivedAt }: Receiver, count: number): Promise<void> {
  for (const end = Date.now() + arrivalTimeoutMs; arrivedAt.size < count; await setTimeout(5))
    if (Date.now() > end) throw new Error(`only ${arrivedAt.size} of ${count} events arrived`)
}
