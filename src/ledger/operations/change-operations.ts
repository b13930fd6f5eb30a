/** How the changes of transfers are followed. The reads are short, but no transaction of the pipeline may wait for them. */
import type { ChangeStore } from '../contract/changes.ts'
import type { Engine } from '../engine/engine.ts'
import { findLastNumber, readChangesAfter } from '../tables/audit-reader.ts'
import { findTransfersById } from '../tables/transfer-queries.ts'

export const createChangeOperations = (engine: Engine): ChangeStore => ({
  findLastChangeNumber: () => engine.readLong(findLastNumber),
  readChanges: (after, limit, missing = []) => engine.readLong(() => readChangesAfter(after, limit, missing, engine.dialect)),
  findTransfers: (ids) => engine.readLong(() => findTransfersById(ids, engine.dialect)),
  onChanged: (listener) => engine.onAppended(listener),
})
