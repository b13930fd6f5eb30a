/** How routes find the transfer that a request names. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { canSee } from '../../auth/restriction.ts'
import { Problem } from '../../model/problems.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import { requireCaller } from '../caller.ts'

/** @throws Problem NOT_FOUND, also for a transfer that the caller may not see */
export async function findTransfer({ ledger }: FastifyInstance, request: FastifyRequest, id: string): Promise<TransferRecord> {
  const record = await ledger.findTransfer(id.toLowerCase())
  if (!record || !canSee(requireCaller(request), record)) throw new Problem('NOT_FOUND', `There is no transfer ${id}.`)
  return record
}
