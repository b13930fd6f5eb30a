/** Checks that every row that a checkpoint proves still exists. Cutting off the end of a chain leaves the checkpoints in other chains and in the log. */
import type { AuditTrailReader, ChainHead } from '../contract/audit.ts'
import { parseObject } from '../../model/json-fields.ts'
import { parseCheckpoint, type CheckpointSigners } from './checkpoint.ts'
import type { IntegrityFault } from './integrity-fault.ts'

/** The last row of a chain at some time, with the proof of it. */
export interface HeadEvidence extends ChainHead {
  /** What proves it: "the log", or "a checkpoint of chain …". */
  source: string
}

/** The evidence in the log: its checkpoints, and a fault for each one with a forged signature. */
export interface LogEvidence {
  evidence: HeadEvidence[]
  faults: IntegrityFault[]
  checkpoints: number
}

/** Reads the checkpoints from lines of Handoff's log; other lines are ignored. */
export async function readLogEvidence(lines: AsyncIterable<string>, signers: Pick<CheckpointSigners, 'isValid'>): Promise<LogEvidence> {
  const evidence: HeadEvidence[] = []
  const faults: IntegrityFault[] = []
  let checkpoints = 0
  for await (const line of lines) {
    const parsed = line.includes('"checkpoint"') ? parseCheckpoint(parseObject(line) ?? {}) : undefined
    if (!parsed) continue
    checkpoints++
    const { chain, position, hash, otherHeads } = parsed.checkpoint
    if (signers.isValid(parsed.checkpoint, parsed.signature))
      evidence.push(...[{ chain, position, hash }, ...otherHeads].map((head) => ({ ...head, source: 'the log' })))
    else faults.push({ chain, place: position, seq: null, what: 'the log has a checkpoint with a forged signature' })
  }
  return { evidence, faults, checkpoints }
}

/**
 * Looks up every row that the evidence proves, each with a query of its own, because its chain may have begun during the verification.
 * @returns one fault for each chain with missing rows: the first row that was replaced, or else how far the chain once reached
 * @throws StoreUnavailable
 */
export async function findMissingRows(
  trail: Pick<AuditTrailReader, 'findStoredAuditRow'>,
  evidence: readonly HeadEvidence[],
): Promise<IntegrityFault[]> {
  const found = new Map<string, { fault: IntegrityFault; isReplaced: boolean }>()
  const storedHashes = new Map<string, string | undefined>()
  const byPosition = evidence.filter(({ position }) => position > 0).toSorted((a, b) => a.position - b.position)
  for (const { chain, position, hash, source } of byPosition) {
    const row = `${chain} ${position}`
    if (!storedHashes.has(row)) storedHashes.set(row, (await trail.findStoredAuditRow(chain, position))?.hash)
    const storedHash = storedHashes.get(row)
    const known = found.get(chain)
    const createFault = (what: string): IntegrityFault => ({ chain, place: position, seq: null, what })
    if (storedHash === undefined && !known?.isReplaced)
      found.set(chain, { fault: createFault(`the tail is cut: ${source} proves that there were ${position} rows`), isReplaced: false })
    else if (storedHash !== hash && !known)
      found.set(chain, { fault: createFault(`the row was replaced: ${source} proves another one`), isReplaced: true })
  }
  return [...found.values()].map(({ fault }) => fault)
}
