/** The responses that a caller got agree with each other, with the ledger, and with the response to one more request with the same key. */
import type { Transfer } from '../../../src/model/transfer.ts'
import { postTransfer, type CallerResponse } from '../harness/caller.ts'
import { violation, type Violation } from '../harness/campaign-result.ts'
import type { Call, Cluster } from '../harness/cluster.ts'

/** @param responses the responses that the caller got, oldest first; the caller relies on the last one */
export async function checkResponses(
  cluster: Cluster,
  call: Call,
  requestFields: object,
  responses: readonly CallerResponse[],
  transfers: readonly Transfer[],
): Promise<Violation[]> {
  const violations: Violation[] = []
  const exists = (id: string | undefined): boolean => transfers.some((transfer) => transfer.id === id)
  const accepted = responses.filter(({ status }) => status === 202)
  for (const { id } of accepted) if (!exists(id)) violations.push(violation('lost', `${id} was answered with 202 and does not exist`))
  const unknown = responses.find(({ id }) => id !== undefined && !exists(id))
  if (unknown) violations.push(violation('lost', `a response ${unknown.status} ${unknown.code} names ${unknown.id}, which does not exist`))

  const last = responses.at(-1)
  if (!last) return [violation('response', `${call.conversationId}: the caller never got a response`)]
  const node = cluster.nodes.at(-1)
  const repeated = node && (await postTransfer(node.url, call, requestFields))
  if (repeated && (repeated.status !== last.status || repeated.text !== last.text))
    violations.push(
      violation('response', `the same key is answered ${repeated.status} ${repeated.text}; the caller got ${last.status} ${last.text}`),
    )
  if (new Set(accepted.map(({ text }) => text)).size > 1)
    violations.push(violation('response', `the caller got different 202s: ${accepted.map(({ text }) => text).join(' / ')}`))
  return violations
}
