/** Whether the rows of one chain, read in order, are what was written: content, position, order, columns, personal data and checkpoints. */
import type { AuditEntry, StoredAuditRow } from '../contract/audit.ts'
import { chainStartHash, hashPersonalData, hashRow } from './chain.ts'
import { parseCheckpoint, type CheckpointSigner } from './checkpoint.ts'
import type { ErasureCheck } from './erasure-check.ts'
import type { HeadEvidence } from './head-evidence.ts'
import { createRowFault, type IntegrityFault } from './integrity-fault.ts'

/** All rows of a SQLite ledger are in this chain, so that the database's row numbers must equal the positions. */
const singleChain = 'main'

type RowBefore = Pick<StoredAuditRow, 'position' | 'hash' | 'seq' | 'at'>

/** What the rows of all chains have shown so far. */
export interface TrailFindings {
  rows: number
  checkpoints: number
  /** What the checkpoints prove about other chains. */
  evidence: HeadEvidence[]
  erasures: ErasureCheck
}

/** What is wrong with the row itself, compared with the row before it. */
function findContentFault(auditKey: string, row: StoredAuditRow, before: RowBefore): string | undefined {
  if (row.position <= before.position) return 'it has the position of another row, or one before the first'
  if (row.position !== before.position + 1) return `${row.position - before.position - 1} rows before it are missing`
  if (row.hash !== hashRow(auditKey, before.hash, row.entry)) return 'it is not what was written, or the row before it is not'
  return undefined
}

/** What is wrong with the columns of a row whose entry is known to be what was written. */
function findColumnFault(auditKey: string, row: StoredAuditRow, entry: AuditEntry, before: RowBefore): string | undefined {
  if (entry.chain !== row.chain || entry.actionId !== row.transferId || entry.conversationId !== row.conversationId)
    return 'the columns by which it is found were changed'
  if (row.at !== Math.max(Date.parse(entry.timestamp), before.at)) return 'the time by which it is found was changed'
  if (row.seq <= before.seq || (row.chain === singleChain && row.seq !== row.position)) return 'it was moved'
  if (row.personal !== null && (entry.sealed === undefined || hashPersonalData(auditKey, row.personal) !== entry.sealed))
    return 'its personal data was changed'
  return undefined
}

/** Checks the rows of one chain, which must be given in order; adds what they show to `findings`. */
export function createChainCheck(auditKey: string, signer: CheckpointSigner, findings: TrailFindings) {
  let last: RowBefore = { position: 0, hash: chainStartHash, seq: -Infinity, at: -Infinity }

  function findFault(row: StoredAuditRow, before: RowBefore): string | undefined {
    const contentFault = findContentFault(auditKey, row, before)
    if (contentFault !== undefined) return contentFault
    const entry = JSON.parse(row.entry) as AuditEntry
    const columnFault = findColumnFault(auditKey, row, entry, before)
    if (columnFault !== undefined) return columnFault
    findings.erasures.add(row, entry)
    const parsed = parseCheckpoint(entry)
    if (!parsed) return undefined
    const { checkpoint, signature } = parsed
    if (checkpoint.position !== before.position || checkpoint.hash !== before.hash || !signer.isValid(checkpoint, signature))
      return 'the checkpoint is forged'
    findings.checkpoints++
    findings.evidence.push(...checkpoint.otherHeads.map((head) => ({ ...head, source: `a checkpoint of chain ${row.chain}` })))
    return undefined
  }

  return {
    /** @returns undefined when the row is what was written */
    checkRow(row: StoredAuditRow): IntegrityFault | undefined {
      findings.rows++
      const what = findFault(row, last)
      last = { position: row.position, hash: row.hash, seq: row.seq, at: row.at }
      return what === undefined ? undefined : createRowFault(row, what)
    },
    get last(): Pick<StoredAuditRow, 'position' | 'hash'> {
      return last
    },
  }
}
