/** A caller that behaves as a real client does: it sends a key, and after a lost connection or a retryable refusal asks again with the same key. */
import { setTimeout } from 'node:timers/promises'
import type { Call, Cluster } from './cluster.ts'
import type { NodeProcess } from './node-process.ts'
import { requestNode } from './node-request.ts'

export interface CallerResponse {
  status: number
  /** The transfer that the response is about. */
  id: string | undefined
  code: string | undefined
  /** The body as it was received. */
  text: string
  retryable: boolean
  retryAfterMs: number
}

interface TransferOrProblem {
  id?: string
  transferId?: string
  code?: string
  retryable?: boolean
}

const pauseMs = 40
const longestPauseMs = 2_000
/** How long a call waits until it moves on, s: as short as the contract allows. */
export const overflowAfterSeconds = 5
/** A node that has not answered after this time never will. */
const defaultTimeoutMs = 15_000

/** Sends the transfer request of a call to one node, once, with a priority that has to be put on the call. Resolves with undefined when the connection is lost or times out. */
export async function postTransfer(
  url: string,
  { conversationId, queueId, overflowQueueId, isCallback, key }: Call,
  requestFields: object = {},
  timeoutMs = defaultTimeoutMs,
): Promise<CallerResponse | undefined> {
  const target = { type: isCallback ? 'callback' : 'queue', queueId, ...(overflowQueueId !== undefined && { overflowAfterSeconds }) }
  const fallback = overflowQueueId !== undefined && { fallback: [{ type: 'queue', queueId: overflowQueueId }] }
  try {
    const { status, body, text, headers } = await requestNode<TransferOrProblem>(url, 'POST', '/v1/transfers', {
      body: { conversationId, target, ...fallback, priority: 1, ...requestFields },
      headers: { 'idempotency-key': key },
      timeoutMs,
    })
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

export interface CallerOptions {
  /** Fields besides conversation and target. */
  requestFields?: object
  /** The node that is asked first; later ones are chosen at random. */
  firstNode?: NodeProcess
  /** How long to wait for one node. */
  nodeTimeoutMs?: number
  /** How long to keep asking, over all nodes. */
  totalTimeoutMs?: number
  /** Waits as long as Retry-After says, and longer after each lost connection. Off by default, so that a run takes no longer than it must. */
  respectsRetryAfter?: boolean
}

/**
 * Sends the transfer request of a call until there is a response that no retry changes. After OUTCOME_UNKNOWN it asks again too, because a
 * caller who wants the call moved has to learn the outcome.
 * @returns every response that arrived, in order; the last one is the one that the caller relies on
 */
export async function postTransferUntilFinal(
  cluster: Pick<Cluster, 'nodes'>,
  call: Call,
  { requestFields = {}, firstNode, nodeTimeoutMs, totalTimeoutMs = 60_000, respectsRetryAfter = false }: CallerOptions = {},
): Promise<CallerResponse[]> {
  const responses: CallerResponse[] = []
  let preferred = firstNode
  let pause = pauseMs
  for (const end = Date.now() + totalTimeoutMs; Date.now() < end; await setTimeout(pause * (0.5 + Math.random()))) {
    const { nodes } = cluster
    const node = preferred ?? nodes[Math.floor(Math.random() * nodes.length)]
    preferred = undefined
    const response = node && (await postTransfer(node.url, call, requestFields, nodeTimeoutMs))
    if (respectsRetryAfter) pause = response ? Math.max(pauseMs, response.retryAfterMs) : Math.min(2 * pause, longestPauseMs)
    if (!response) continue
    responses.push(response)
    if (!response.retryable && response.code !== 'OUTCOME_UNKNOWN') return responses
  }
  return responses
}
