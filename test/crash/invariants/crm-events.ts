/** The CRM received one event for each state it is notified of, in order, each with one body, and no delivery is left over. */
import { setTimeout } from 'node:timers/promises'
import type { AuditEntry } from '../../../src/ledger/contract/audit.ts'
import type { Delivery } from '../../../src/ledger/contract/deliveries.ts'
import type { Transfer } from '../../../src/model/transfer.ts'
import { notifiedStates } from '../../../src/transfers/stages/crm-webhook.ts'
import { violation, type Violation } from '../harness/campaign-result.ts'
import type { Cluster } from '../harness/cluster.ts'
import { isState } from './audit-trail.ts'
import { finalTimeoutMs, getFromCluster, pollIntervalMs } from './read-cluster.ts'

/** The type of the event that an audit entry leads to, as a list. Empty if the CRM is not notified, or if a move to the next place failed. */
function expectedType({ status, detail }: AuditEntry): string[] {
  if (!isState(status) || !notifiedStates.includes(status) || detail['returned'] !== undefined) return []
  return [status === 'initiated' && detail['hop'] !== undefined ? 'transfer.overflowed' : `transfer.${status}`]
}

async function findUndelivered(cluster: Cluster, transferId: string): Promise<Delivery[]> {
  const { deliveries } = await getFromCluster<{ deliveries: Delivery[] }>(cluster, `/v1/webhook-deliveries?transferId=${transferId}`)
  return deliveries.filter(({ state }) => state !== 'delivered')
}

/** Waits until the events that the audit trail asks for are delivered, then compares. */
export async function checkCrmEvents(cluster: Cluster, { id }: Transfer, entries: readonly AuditEntry[]): Promise<Violation[]> {
  const expected = entries.flatMap(expectedType)
  const attempts = () => cluster.crm.attempts.filter(({ data }) => data.actionId === id)
  const eventsById = () => new Map(attempts().map((event) => [event.id, event]))
  for (const end = Date.now() + finalTimeoutMs; Date.now() < end; await setTimeout(pollIntervalMs))
    if (eventsById().size >= expected.length && (await findUndelivered(cluster, id)).length === 0) break

  const events = eventsById()
  const types = [...events.values()].map(({ type }) => type)
  const violations: Violation[] = []
  if (types.join() !== expected.join())
    violations.push(
      violation('crm', `${id}: the CRM received ${types.join(', ') || 'nothing'}; the audit trail says ${expected.join(', ')}`),
    )
  if (attempts().some((event) => events.get(event.id)?.body !== event.body))
    violations.push(violation('crm', `${id}: one event came with two bodies`))
  const undelivered = await findUndelivered(cluster, id)
  if (undelivered.length > 0)
    violations.push(violation('crm', `${id}: ${undelivered.map(({ type, state }) => `${type} ${state}`).join(', ')}`))
  return violations
}
