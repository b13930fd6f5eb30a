/** Verifies the audit trail: every row, the head of every chain, and all checkpoints, including those in the log (docs/architecture.md#audit-trail). */
import type { AuditTrailReader, SealedHead } from '../contract/audit.ts'
import { createChainCheck, type TrailFindings } from './chain-check.ts'
import { sealHead } from './chain.ts'
import { createCheckpointSigners, type CheckpointSigners } from './checkpoint.ts'
import { createErasureCheck } from './erasure-check.ts'
import { findMissingRows, readLogEvidence } from './head-evidence.ts'
import type { IntegrityFault } from './integrity-fault.ts'

/** The result of a verification. The field names are those that `npm run audit:verify -- --json` prints. */
export interface VerificationReport {
  rows: number
  chains: number
  /** How many checkpoints were checked: `kept` in the chains, `logged` in the log. */
  checkpoints: { kept: number; logged: number }
  /** Conversations whose personal data was erased. */
  erased: number
  /** Number of rows that are committed but not in a chain yet: those of the last milliseconds, or of a node that was killed. */
  unsealed: number
  /** The first fault of each chain, and the faults that only a comparison across chains or with the log shows. Empty if the trail is intact. */
  faults: IntegrityFault[]
}

/** The end of a chain, as it was read. */
interface ChainEnd {
  chain: string
  /** The keys that its head may be sealed with. */
  usableKeys: readonly string[]
  /** The stored head. */
  head: SealedHead | null
  /** Hash of the row at the head's position. */
  hashAtHead: string | undefined
  /** Position of the last row. */
  lastPosition: number
}

/** Compares the last row of a chain with the stored head. If rows have been written since the head was read, it reads the head again. */
async function findHeadFault(
  trail: AuditTrailReader,
  { chain, usableKeys, head, hashAtHead, lastPosition }: ChainEnd,
): Promise<IntegrityFault | undefined> {
  const createFault = (what: string): IntegrityFault => ({ chain, place: lastPosition, seq: null, what })
  const isSealed = (sealed: SealedHead): boolean => usableKeys.some((auditKey) => sealed.seal === sealHead(auditKey, sealed))
  if (!head) return createFault('the sealed end of the chain is missing')
  if (!isSealed(head)) return createFault('the sealed end of the chain is forged')
  if (head.position > lastPosition) return createFault(`the tail is cut: ${head.position - lastPosition} rows are missing after it`)
  if (hashAtHead !== head.hash) return createFault('the sealed end belongs to another row')
  if (head.position === lastPosition) return undefined
  const current = (await trail.listAuditChains()).find((listed) => listed.chain === chain)?.head
  const hasAdvanced = current && current.position >= lastPosition && isSealed(current)
  return hasAdvanced ? undefined : createFault('there are rows after the sealed end of the chain')
}

/** Reads a whole chain. @returns its first fault */
async function verifyChain(
  trail: AuditTrailReader,
  auditKeys: readonly string[],
  signers: CheckpointSigners,
  findings: TrailFindings,
  { chain, head }: { chain: string; head: SealedHead | null },
): Promise<IntegrityFault | undefined> {
  const check = createChainCheck(auditKeys, signers, findings)
  let firstFault: IntegrityFault | undefined
  let hashAtHead: string | undefined
  for await (const page of trail.readStoredAudit(chain))
    for (const row of page) {
      const fault = check.checkRow(row)
      firstFault ??= fault
      if (row.position === head?.position) hashAtHead = row.hash
    }
  return firstFault ?? findHeadFault(trail, { chain, usableKeys: check.usableKeys, head, hashAtHead, lastPosition: check.last.position })
}

/**
 * Reads the whole trail once, page by page. Nodes may write to it in the meantime.
 * @param log lines of Handoff's log. Its checkpoints reveal what is missing even when the whole database was restored to an earlier state.
 * @param previousKeys the keys that were AUDIT_KEY before, the newest first
 * @throws StoreUnavailable
 */
export async function verifyAudit(
  trail: AuditTrailReader,
  auditKey: string,
  log?: AsyncIterable<string>,
  previousKeys: readonly string[] = [],
): Promise<VerificationReport> {
  const auditKeys = [auditKey, ...previousKeys]
  const signers = createCheckpointSigners(auditKeys)
  const logged = log ? await readLogEvidence(log, signers) : { evidence: [], faults: [], checkpoints: 0 }
  const findings: TrailFindings = { rows: 0, checkpoints: 0, evidence: [], erasures: createErasureCheck() }
  const faults = [...logged.faults]
  // Counted first, because listing the chains seals these rows.
  const unsealed = await trail.countUnsealedAudit()
  if (unsealed.forged > 0)
    faults.push({ chain: '', place: null, seq: null, what: `${unsealed.forged} rows that wait for their place in a chain are forged` })
  const chains = await trail.listAuditChains()
  for (const chain of chains) {
    const fault = await verifyChain(trail, auditKeys, signers, findings, chain)
    if (fault) faults.push(fault)
  }
  faults.push(...(await findMissingRows(trail, [...logged.evidence, ...findings.evidence])))
  for await (const fault of findings.erasures.findFaults(trail)) faults.push(fault)
  return {
    rows: findings.rows,
    chains: chains.length,
    checkpoints: { kept: findings.checkpoints, logged: logged.checkpoints },
    erased: findings.erasures.countErased(),
    unsealed: unsealed.rows,
    faults,
  }
}
