/** Answers a dry run of a bulk transfer: what would happen to each call now. Nothing is written to the ledger or to the platform. */
import type { BulkCallRecord, BulkDryRun, BulkTransferRecord } from '../../../model/bulk-transfer.ts'
import { Problem } from '../../../model/problems.ts'
import type { Requester } from '../../request/new-transfer.ts'
import type { Rules } from '../../stage-context.ts'
import type { Submit } from '../running-transfers.ts'
import { requestForCall } from './bulk-request.ts'

/** How many calls are checked at the same time. */
const concurrency = 8
/** How long the caller of a dry run waits, ms. The calls that are not checked by then are EXPIRED. */
const dryRunMs = 25_000

interface DryRunDependencies {
  submit: Submit
  rules: Pick<Rules, 'defaultQueueId' | 'fallbackQueueId'>
  /** Epoch ms. */
  clock: () => number
}

export async function checkCalls(
  bulk: Pick<BulkTransferRecord, 'id' | 'fromQueueId' | 'target' | 'fallback' | 'reason' | 'traceparent'>,
  calls: readonly BulkCallRecord[],
  requester: Requester,
  { submit, rules, clock }: DryRunDependencies,
): Promise<BulkDryRun['calls']> {
  const endsAt = clock() + dryRunMs
  const checked: BulkDryRun['calls'] = []

  async function check(call: BulkCallRecord): Promise<BulkDryRun['calls'][number]> {
    const { position, conversationId, priority, waitingSince } = call
    const now = clock()
    const { outcome } =
      now < endsAt
        ? await submit(requestForCall(bulk, call, 'dryRun', rules), requester, now)
        : { outcome: { problem: new Problem('EXPIRED', 'The time for the dry run was over before this call was checked.') } }
    const problem = 'problem' in outcome ? outcome.problem : undefined
    return {
      position,
      conversationId,
      waitingSince: new Date(waitingSince).toISOString(),
      priority,
      wouldMove: problem === undefined,
      code: problem?.code ?? null,
      message: problem?.message ?? null,
      resolvedTarget: 'transfer' in outcome ? outcome.transfer.resolvedTarget : null,
    }
  }

  let next = 0
  async function checkNext(): Promise<void> {
    for (let index = next++; index < calls.length; index = next++) checked[index] = await check(calls[index]!)
  }
  await Promise.all(Array.from({ length: concurrency }, checkNext))
  return checked
}
