/** Signed checkpoints of the audit trail: kept in the chain and written to the log, where who can write the ledger does not reach (reliability §7). */
import { createHmac, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { auditNote } from './audit-draft.ts'
import type { AuditDraft, ChainHead } from './ledger.ts'

/** DER of an Ed25519 private key up to its 32 bytes (RFC 8410 §7). */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

const privateKey = (auditKey: string): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([pkcs8, createHmac('sha256', auditKey).update('checkpoint').digest()]),
    format: 'der',
    type: 'pkcs8',
  })

const bytes = ({ chain, place, hash }: ChainHead): Buffer => Buffer.from(`handoff audit checkpoint\n${chain}\n${place}\n${hash}`)

export const checkpointStatus = 'checkpoint'

/** Signs with Ed25519 keyed from AUDIT_KEY, so that an auditor can be given the public half; and tests signatures, this key's own. */
export function checkpointKey(auditKey: string) {
  const key = privateKey(auditKey)
  const publicKey = createPublicKey(key)
  return {
    signature: (head: ChainHead): string => sign(null, bytes(head), key).toString('base64'),
    holds: (head: ChainHead, signature: string): boolean => verify(null, bytes(head), publicKey, Buffer.from(signature, 'base64')),
    /** PEM, for those who check checkpoints without the secret. */
    publicKey: publicKey.export({ format: 'pem', type: 'spki' }) as string,
  }
}
export type CheckpointKey = ReturnType<typeof checkpointKey>

/** The row that says how far the chain has come; `chains`: how many the store has. */
export const checkpointDraft = (head: ChainHead, signature: string, chains: number): AuditDraft =>
  auditNote(checkpointStatus, { detail: { rows: head.place, head: head.hash, chains, signature } })

/** The checkpoint that a row or a log line carries; undefined: it is none. */
export function checkpointIn(line: {
  status?: unknown
  chain?: unknown
  detail?: unknown
}): { head: ChainHead; signature: string; chains: number } | undefined {
  if (line.status !== checkpointStatus || typeof line.chain !== 'string') return undefined
  const { rows, head, signature, chains } = (line.detail ?? {}) as Record<string, unknown>
  return { head: { chain: line.chain, place: Number(rows), hash: String(head) }, signature: String(signature), chains: Number(chains) }
}
