/** Which tables an erasure of personal data changes (docs/reliability.md#personal-data). */
import type { ErasureStore } from '../contract/erasure.ts'
import type { Engine } from '../engine/engine.ts'
import { erasePersonalData } from '../tables/audit-reader.ts'
import type { Tables } from '../tables/tables.ts'

export function createErasureOperations(engine: Engine, { transfers, bulkTransfers, idempotencyKeys, deliveries }: Tables): ErasureStore {
  return {
    async eraseConversation(conversationId, { eraseRecord, eraseBulkTransfer, eraseBody }, audit) {
      const counts = await engine.write(function* (auditDrafts) {
        const transferIds = yield* transfers.erase(conversationId, eraseRecord)
        yield* idempotencyKeys.erase(transferIds)
        const erased = {
          transfers: transferIds.length,
          bulkTransfers: yield* bulkTransfers.erase(conversationId, eraseBulkTransfer),
          deliveries: yield* deliveries.erase(conversationId, eraseBody),
          auditRows: yield* erasePersonalData(conversationId),
        }
        // The trail must not say that an unknown conversation was erased: the id may be mistyped.
        if (Object.values(erased).some((count) => count > 0)) auditDrafts.push({ ...audit, detail: { ...audit.detail, ...erased } })
        return erased
      })
      await engine.purgeOverwritten()
      return counts
    },
  }
}
