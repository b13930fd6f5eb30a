/** How the audit trail is appended to, exported page by page, and read for verification. */
import { auditKeyId, sealHead } from '../audit/chain.ts'
import { createAuditDraft } from '../audit/draft.ts'
import { createCheckpointDraft, createCheckpointSigner } from '../audit/checkpoint.ts'
import type { AuditEntry, AuditStore, StoredAuditRow } from '../contract/audit.ts'
import type { Engine } from '../engine/engine.ts'
import type { LongReads } from './long-reads.ts'
import {
  findNewestTime,
  findStoredRow,
  findStoredRows,
  listChains,
  listOtherHeads,
  listSealedHeads,
  readEntriesAfter,
  readStoredAfter,
  type AuditCursor,
} from '../tables/audit-reader.ts'
import { createUnsealedAudit } from '../tables/unsealed-audit.ts'

const entriesPerPage = 500
const storedRowsPerPage = 2_000
/** The status of the entry that AUDIT_KEY was changed. */
export const keyChangedStatus = 'audit_key_changed'
/** One head with a matching seal is enough: each node has its own chain, and some chains may have been written with another key. */
const headsToCheck = 50

/**
 * @param auditKey key of the audit chain, from which the checkpoints' signing key is derived
 * @param previousKeys the keys before it, the newest first
 */
export function createAuditOperations(
  engine: Engine,
  longReads: LongReads,
  auditKey: string,
  previousKeys: readonly string[] = [],
): AuditStore {
  const unsealedAudit = createUnsealedAudit(engine.dialect, auditKey, previousKeys)
  const signer = createCheckpointSigner(auditKey)

  async function writeCheckpoint(): Promise<void> {
    const otherHeads = await engine.read(() => listOtherHeads(engine.chain))
    await engine.appendAudit((head) => {
      const checkpoint = { ...head, otherHeads }
      return createCheckpointDraft(checkpoint, signer.sign(checkpoint))
    })
  }
  return {
    appendAudit: (draft) => engine.appendAudit(draft),
    async matchAuditKey() {
      const heads = await engine.read(() => listSealedHeads(headsToCheck))
      const isSealedWith = (key: string): boolean => heads.some((head) => head.seal === sealHead(key, head))
      if (heads.length === 0 || isSealedWith(auditKey)) return 'current'
      return previousKeys.some(isSealedWith) ? 'previous' : 'unknown'
    },
    async recordKeyChange() {
      const detail = { key: auditKeyId(auditKey), previousKeys: previousKeys.map(auditKeyId).join(' ') }
      await engine.appendAudit(createAuditDraft(keyChangedStatus, { detail }))
      await writeCheckpoint()
    },
    writeCheckpoint,
    findNewestAuditTime: () => engine.read(findNewestTime),
    async findAuditEntries(transferId) {
      await engine.sealAudit()
      return engine.read(() => unsealedAudit.findEntries(transferId))
    },
    async *exportAudit(filter): AsyncGenerator<AuditEntry[]> {
      await engine.sealAudit()
      const readPage = (after: AuditCursor) => () => readEntriesAfter(after, filter, entriesPerPage)
      let page = await longReads.read(readPage({ at: filter.since, seq: 0 }))
      for (;;) {
        if (page.entries.length > 0) yield page.entries
        if (!page.nextCursor) return
        // An export that has begun is not refused, however many other reads are waiting.
        page = await longReads.continueReading(readPage(page.nextCursor))
      }
    },
    async listAuditChains() {
      await engine.sealAudit()
      return engine.read(listChains)
    },
    countUnsealedAudit: () => engine.read(() => unsealedAudit.count()),
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
