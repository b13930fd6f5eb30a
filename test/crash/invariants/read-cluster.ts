/** Reads transfers of a cluster through its API, and waits until they are final, whichever nodes are alive meanwhile. */
import { setTimeout } from 'node:timers/promises'
import { isFinal } from '../../../src/model/states.ts'
import type { Transfer } from '../../../src/model/transfer.ts'
import type { Cluster } from '../harness/cluster.ts'
import { requestNode } from '../harness/node-request.ts'

/** How long a transfer may take until it is final, or indeterminate with a code. */
export const finalTimeoutMs = 60_000
export const pollIntervalMs = 25

/** Asks the newest node until it answers 200. @throws Error when none does in time */
export async function getFromCluster<T>(cluster: Cluster, path: string): Promise<T> {
  for (const end = Date.now() + finalTimeoutMs; Date.now() < end; await setTimeout(pollIntervalMs)) {
    const node = cluster.nodes.at(-1)
    const response = node && (await requestNode<T>(node.url, 'GET', path).catch(() => undefined))
    if (response?.status === 200) return response.body
  }
  throw new Error(`no node answered ${path}`)
}

/** All transfers of a conversation, the newest first. */
export const findTransfers = async (cluster: Cluster, conversationId: string): Promise<Transfer[]> =>
  (await getFromCluster<{ transfers: Transfer[] }>(cluster, `/v1/transfers?conversationId=${conversationId}`)).transfers

/** Whether the service will do nothing more for a transfer by itself. */
export const isFinished = ({ state, code }: Transfer): boolean => isFinal(state) || (state === 'indeterminate' && code !== null)

/** Waits at most `finalTimeoutMs` until every transfer of the conversation is finished. Returns them as they are then. */
export async function waitUntilFinished(cluster: Cluster, conversationId: string): Promise<Transfer[]> {
  let transfers = await findTransfers(cluster, conversationId)
  for (const end = Date.now() + finalTimeoutMs; !transfers.every(isFinished) && Date.now() < end;) {
    await setTimeout(pollIntervalMs)
    transfers = await findTransfers(cluster, conversationId)
  }
  return transfers
}
