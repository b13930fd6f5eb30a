/** A caller as a real client is one: asks with a key, and after a lost connection or a "come again" asks again with the same key, any node. */
import { setTimeout } from 'node:timers/promises'
import type { NodeProcess } from './node-process.ts'
import { asked, type Call, type World } from './world.ts'

export interface Answered {
  status: number
  /** The transfer that the answer is about. */
  id: string | undefined
  code: string | undefined
  text: string
}
interface Told {
  id?: string
  transferId?: string
  code?: string
  retryable?: boolean
}

const pauseMs = 40
const longestPauseMs = 2_000
/** A node that has not answered by then never will, ms. */
const usualPatienceMs = 15_000

export interface Asked extends Answered {
  retryable: boolean
  retryAfterMs: number
}

/** Asks one node once. Undefined: the connection was lost. */
export async function askOnce(
  url: string,
  { conversationId, queueId, key }: Call,
  asks: object = {},
  patienceMs = usualPatienceMs,
): Promise<Asked | undefined> {
  try {
    const { status, body, text, headers } = await asked<Told>(
      url,
      'POST',
      '/v1/transfers',
      { conversationId, target: { type: 'queue', queueId }, ...asks },
      { 'idempotency-key': key },
      patienceMs,
    )
    return {
      status,
      id: body.id ?? body.transferId,
      code: body.code,
      text,
      retryable: body.retryable === true,
      retryAfterMs: 1_000 * Number(headers.get('retry-after') ?? 0),
    }
  } catch {
    return undefined
  }
}

export interface Asking {
  /** What is asked for besides the usual. */
  asks?: object
  /** The node that is asked first. */
  first?: NodeProcess
  /** How long one node is waited for, and how long all of it may take, ms. */
  patienceMs?: number
  forMs?: number
  /** Waits as long as it is told to, and longer each time when nobody answers; otherwise it asks again at once, so that a run takes no longer than it must. */
  obeys?: boolean
}

/**
 * Asks until there is an answer to go by: 202, or a refusal that no retry cures. OUTCOME_UNKNOWN is asked again as well: a caller who
 * wants the call moved has to know in the end. Resolves with every answer that said something, the last one last.
 */
export async function askPatiently(
  world: Pick<World, 'nodes'>,
  call: Call,
  { asks = {}, first, patienceMs, forMs = 60_000, obeys = false }: Asking = {},
): Promise<Answered[]> {
  const answers: Answered[] = []
  let preferred = first
  let pause = pauseMs
  for (const end = Date.now() + forMs; Date.now() < end; await setTimeout(pause * (0.5 + Math.random()))) {
    const { nodes } = world
    const node = preferred ?? nodes[Math.floor(Math.random() * nodes.length)]
    preferred = undefined
    const answer = node && (await askOnce(node.url, call, asks, patienceMs))
    if (obeys) pause = answer ? Math.max(pauseMs, answer.retryAfterMs) : Math.min(2 * pause, longestPauseMs)
    if (!answer) continue
    answers.push(answer)
    if (!answer.retryable && answer.code !== 'OUTCOME_UNKNOWN') return answers
  }
  return answers
}
