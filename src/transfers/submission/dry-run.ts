/** Answers a dry run with the decision that a transfer would get. Nothing is written to the ledger or to the platform. */
import { requireAllowedTargets } from '../../auth/restriction.ts'
import type { TransferStore } from '../../ledger/contract/transfers.ts'
import { lockingStates } from '../../model/states.ts'
import { asTransfer } from '../../model/transfer.ts'
import type { RunChecks } from '../checks.ts'
import { findingsPatch } from '../findings.ts'
import type { Rules } from '../stage-context.ts'
import { createTransferRecord } from '../request/new-transfer.ts'
import { createInProgressProblem, type Open } from './open.ts'

export interface DryRunDependencies {
  ledger: Pick<TransferStore, 'findOpenTransfers' | 'findLastMoved'>
  rules: Pick<Rules, 'deadlineMs' | 'writesLoopGuardAttributes'>
  /** Epoch ms. */
  clock: () => number
  runChecks: RunChecks
}

export function createDryRun({ ledger, rules, clock, runChecks }: DryRunDependencies): Open {
  return async (request, requester, receivedAt, ticket) => {
    requireAllowedTargets(requester.queues, request.targets)
    const openTransfers = await ledger.findOpenTransfers(request.conversationId)
    const conflict = openTransfers.find(({ state }) => lockingStates.includes(state))
    if (conflict) throw createInProgressProblem(conflict, requester)
    ticket.markProcessed()
    const last = await ledger.findLastMoved(request.conversationId)
    const record = {
      ...createTransferRecord(request, requester, receivedAt, request.deadlineMs ?? rules.deadlineMs, clock()),
      transferDepth: (last?.transferDepth ?? 0) + 1,
      transferPath: last?.transferPath ?? [],
    }
    const findings = await runChecks(record, request.targets)
    const { id: _id, ...transfer } = asTransfer({ ...record, ...findingsPatch(findings, rules), state: 'decided' })
    return { outcome: { transfer }, replayed: false }
  }
}
