/** A caller who changes the priority of a waiting call, and what the platform must show of the call afterwards. */
import { setTimeout } from 'node:timers/promises'
import { createPlatformClient } from '../../support/platform-client.ts'
import type { CallerOptions } from '../harness/caller.ts'
import { violation, type Violation } from '../harness/campaign-result.ts'
import type { Call, Cluster } from '../harness/cluster.ts'
import type { NodeProcess } from '../harness/node-process.ts'
import { requestNode } from '../harness/node-request.ts'
import { finalTimeoutMs, findTransfers, pollIntervalMs } from '../invariants/read-cluster.ts'
import { changedPriorities, routingOperation } from '../points/crash-point.ts'

type ChangeOptions = Pick<CallerOptions, 'firstNode' | 'nodeTimeoutMs'>

/** Asks for a change until a node has stored it, as a client does: again after a lost connection and after a refusal that may pass. */
async function changeUntilStored(
  cluster: Cluster,
  id: string,
  priority: number,
  { firstNode, nodeTimeoutMs = 15_000 }: ChangeOptions,
): Promise<Violation[]> {
  let preferred = firstNode
  let silent: NodeProcess | undefined
  for (const end = Date.now() + finalTimeoutMs; Date.now() < end; await setTimeout(pollIntervalMs)) {
    // A node that was stopped takes a whole timeout not to answer, and the call waits only so long.
    const nodes = cluster.nodes.filter((node) => node !== silent)
    const node = preferred ?? nodes[Math.floor(Math.random() * nodes.length)]
    preferred = undefined
    const request = { body: { priority }, timeoutMs: nodeTimeoutMs }
    const response = node && (await requestNode(node.url, 'PATCH', `/v1/transfers/${id}`, request).catch(() => undefined))
    if (response?.status === 202) return []
    if (response && response.status < 500)
      return [violation('lost', `the change of ${id} was answered ${response.status} ${response.text}`)]
    silent = response ? undefined : node
  }
  return [violation('slow', `no node stored the change of ${id}`)]
}

async function readPriority({ simulator }: Cluster, { conversationId }: Call): Promise<number | undefined> {
  const { participants } = await createPlatformClient(simulator.url).getConversation(conversationId)
  return participants.findLast(({ purpose }) => purpose === 'acd')?.conversationRoutingData?.priority
}

/** The last change is what the platform shows. */
export async function checkPriority(cluster: Cluster, call: Call): Promise<Violation[]> {
  const priority = await readPriority(cluster, call)
  return priority === changedPriorities.at(-1)
    ? []
    : [violation('lost', `${call.conversationId} has priority ${priority} instead of ${changedPriorities.at(-1)}`)]
}

/**
 * Changes the priority of a waiting call a few times. Once the platform shows the last one, or has not done so in time, the call is offered
 * to an agent.
 */
export async function changeCall(cluster: Cluster, call: Call, options: ChangeOptions = {}): Promise<Violation[]> {
  const [transfer] = await findTransfers(cluster, call.conversationId)
  const violations: Violation[] = []
  for (const priority of changedPriorities) violations.push(...(await changeUntilStored(cluster, String(transfer?.id), priority, options)))
  let notShown = await checkPriority(cluster, call)
  for (const end = Date.now() + finalTimeoutMs; notShown.length > 0 && Date.now() < end; notShown = await checkPriority(cluster, call))
    await setTimeout(pollIntervalMs)
  cluster.control.setAgent(String(call.waitedForAgentId), { routingStatus: 'IDLE' })
  return [...violations, ...notShown]
}

/** How often the platform was asked to change the routing of the call. */
export const countRoutingCommands = ({ control }: Cluster, { conversationId }: Call): number =>
  control.requests().log.filter(({ operation, path }) => operation === routingOperation && path.includes(conversationId)).length
