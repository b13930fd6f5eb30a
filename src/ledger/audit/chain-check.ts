/** Checks that the rows of one chain are what was written: content, position, order, columns, personal data, keys and checkpoints. */
import type { AuditEntry, StoredAuditRow } from '../contract/audit.ts'
import { chainStartHash, hashPersonalData, hashRow, singleChain } from './chain.ts'
import { parseCheckpoint, type CheckpointSigners } from './checkpoint.ts'
import type { ErasureCheck } from './erasure-check.ts'
import type { HeadEvidence } from './head-evidence.ts'
import { createRowFault, type IntegrityFault } from './integrity-fault.ts'

type PreviousRow = Pick<StoredAuditRow, 'position' | 'hash' | 'seq' | 'at'>

/** What the verification has found in all chains so far. */
export interface TrailFindings {
  rows: number
  checkpoints: number
  /** What the checkpoints prove about other chains. */
  evidence: HeadEvidence[]
  erasures: ErasureCheck
}

/** What is wrong with the row's position, compared with the previous row; undefined: nothing. */
function findPositionFault(row: StoredAuditRow, previous: PreviousRow): string | undefined {
  if (row.position <= previous.position) return 'it has the position of another row, or one before the first'
  if (row.position !== previous.position + 1) return `${row.position - previous.position - 1} rows before it are missing`
  return undefined
}

/** What is wrong with the columns of a row whose entry is known to be what was written; undefined: nothing. */
function findColumnFault(auditKey: string, row: StoredAuditRow, entry: AuditEntry, previous: PreviousRow): string | undefined {
  if (entry.chain !== row.chain || entry.actionId !== row.transferId || entry.conversationId !== row.conversationId)
    return 'the columns by which it is found were changed'
  if (row.at !== Math.max(Date.parse(entry.timestamp), previous.at)) return 'the time by which it is found was changed'
  // The only chain of a SQLite ledger has the database's row numbers as its positions.
  if (row.seq <= previous.seq || (row.chain === singleChain && row.seq !== row.position)) return 'it was moved'
  if (row.personal !== null && (entry.sealed === undefined || hashPersonalData(auditKey, row.personal) !== entry.sealed))
    return 'its personal data was changed'
  return undefined
}

/**
 * Creates a check for the rows of one chain, which must be passed in order. It adds what the rows show to `findings`. Which key a row was
 * written with is not stored: it is the one that its hash fits. After a row of a newer key, earlier keys no longer count.
 * @param auditKeys the newest first
 */
export function createChainCheck(auditKeys: readonly string[], signers: CheckpointSigners, findings: TrailFindings) {
  /** The keys that the next row may have been written with, the newest first. */
  let usableKeys = auditKeys
  let last: PreviousRow = { position: 0, hash: chainStartHash, seq: -Infinity, at: -Infinity }

  function findFault(row: StoredAuditRow, previous: PreviousRow): string | undefined {
    const positionFault = findPositionFault(row, previous)
    if (positionFault !== undefined) return positionFault
    const isWrittenWith = (key: string): boolean => row.hash === hashRow(key, previous.hash, row.entry)
    // Almost always the key of the row before.
    const auditKey = usableKeys.findLast(isWrittenWith)
    if (auditKey === undefined)
      return auditKeys.some(isWrittenWith)
        ? 'it was written with an earlier AUDIT_KEY than the row before it'
        : 'it is not what was written, or the row before it is not'
    usableKeys = usableKeys.slice(0, usableKeys.lastIndexOf(auditKey) + 1)
    const entry = JSON.parse(row.entry) as AuditEntry
    const columnFault = findColumnFault(auditKey, row, entry, previous)
    if (columnFault !== undefined) return columnFault
    findings.erasures.add(row, entry)
    const parsed = parseCheckpoint(entry)
    if (!parsed) return undefined
    const { checkpoint, signature } = parsed
    if (
      checkpoint.position !== previous.position ||
      checkpoint.hash !== previous.hash ||
      !signers.of(auditKey).isValid(checkpoint, signature)
    )
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
    /** The keys that the head of the chain may be sealed with. */
    get usableKeys(): readonly string[] {
      return usableKeys
    },
    get last(): Pick<StoredAuditRow, 'position' | 'hash'> {
      return last
    },
  }
}
