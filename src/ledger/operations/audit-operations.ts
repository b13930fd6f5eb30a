/** How the audit trail is appended to, exported page by page, and read for verification. */
import { createCheckpointDraft, createCheckpointSigner } from '../audit/checkpoint.ts'
import type { AuditEntry, AuditStore, StoredAuditRow } from '../contract/audit.ts'
import type { Engine } from '../engine/engine.ts'
import type { QueryGenerator } from '../engine/query.ts'
import {
  findEntries,
  findStoredRow,
  findStoredRows,
  listChains,
  listOtherHeads,
  readEntriesAfter,
  readStoredAfter,
  type AuditCursor,
} from '../tables/audit-reader.ts'

const entriesPerPage = 500
const storedRowsPerPage = 2_000

/** The audit rows are written by the engine, so a transaction that only appends has no queries of its own. */
function* withoutQueries(): QueryGenerator<void> {}

/** @param auditKey key of the audit chain, from which the checkpoints' signing key is derived */
export function createAuditOperations(engine: Engine, auditKey: string): AuditStore {
  const signer = createCheckpointSigner(auditKey)
  return {
    appendAudit: (draft) =>
      engine.write((auditDrafts) => {
        auditDrafts.push(draft)
        return withoutQueries()
      }, 'soon'),
    async writeCheckpoint() {
      await engine.write(function* (auditDrafts) {
        const otherHeads = yield* listOtherHeads(engine.chain)
        auditDrafts.push((head) => {
          const checkpoint = { ...head, otherHeads }
          return createCheckpointDraft(checkpoint, signer.sign(checkpoint))
        })
      })
    },
    findAuditEntries: (transferId) => engine.read(() => findEntries(transferId)),
    async *exportAudit(filter): AsyncGenerator<AuditEntry[]> {
      for (let cursor: AuditCursor | undefined = { at: filter.since, seq: 0 }; cursor;) {
        const after: AuditCursor = cursor
        const { entries, nextCursor } = await engine.read(() => readEntriesAfter(after, filter, entriesPerPage))
        if (entries.length > 0) yield entries
        cursor = nextCursor
      }
    },
    listAuditChains: () => engine.read(listChains),
    async *readStoredAudit(chain): AsyncGenerator<StoredAuditRow[]> {
      for (let last: StoredAuditRow | undefined; ;) {
        const after = last && { position: last.position, seq: last.seq }
        const rows = await engine.read(() => readStoredAfter(chain, after, storedRowsPerPage))
        if (rows.length > 0) yield rows
        if (rows.length < storedRowsPerPage) return
        last = rows.at(-1)
      }
    },
    findStoredAuditRow: (chain, position) => engine.read(() => findStoredRow(chain, position)),
    findStoredAuditRows: (conversationId) => engine.read(() => findStoredRows(conversationId)),
  }
}
