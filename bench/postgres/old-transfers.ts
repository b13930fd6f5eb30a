/** Deletes old transfers continuously, in the batches and with the pauses of the service (`src/plugins/ledger.ts`), as another node would. */
import { setTimeout } from 'node:timers/promises'
import { openLedger } from '../../src/ledger/open.ts'
import { auditKey } from '../harness/service-process.ts'

const batchSize = 200
const pauseMs = 50
/** The age from which transfers are deleted, ms. */
const ageMs = 3_600_000

/** Deletes old transfers while `work` runs. Returns how many were deleted, and what `work` returned. */
export async function deleteOldTransfersDuring<T>(databaseUrl: string, work: () => Promise<T>): Promise<{ deleted: number; value: T }> {
  const ledger = await openLedger(databaseUrl, { auditKey })
  let isDone = false
  let deleted = 0
  async function deleteOld(): Promise<void> {
    while (!isDone) {
      deleted += await ledger.deleteOldTransfers(Date.now() - ageMs, batchSize)
      await setTimeout(pauseMs)
    }
  }
  const deleting = deleteOld()
  try {
    const value = await work()
    isDone = true
    await deleting
    return { deleted, value }
  } finally {
    isDone = true
    await ledger.close()
  }
}
