/** Signed checkpoints of the audit trail: kept in the chain and written to the log, where who can write the ledger does not reach (reliability §7). */
import { createHmac, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import { auditNote } from './draft.ts'
import type { AuditDraft, ChainHead } from '../ledger.ts'

/** DER of an Ed25519 private key up to its 32 bytes (RFC 8410 §7). */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

const privateKey = (auditKey: string): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([pkcs8, createHmac('sha256', auditKey).update('checkpoint').digest()]),
    format: 'der',
    type: 'pkcs8',
  })

const bytes = ({ chain, place, hash, ends }: Checkpoint): Buffer =>
  Buffer.from(['handoff audit checkpoint', chain, place, hash, endsAsText(ends)].join('\n'))

export const checkpointStatus = 'checkpoint'

/** How far a chain has come, and how far the others had: so that none of them can go without the rest telling of it. */
export interface Checkpoint extends ChainHead {
  ends: readonly ChainHead[]
}
/** A detail is a flat fact: chain, place and hash of each end, in a line. */
const endsAsText = (ends: readonly ChainHead[]): string => ends.map(({ chain, place, hash }) => `${chain} ${place} ${hash}`).join(';')
const endsFrom = (text: string): ChainHead[] =>
  text
    .split(';')
    .filter(Boolean)
    .map((end) => end.split(' '))
    .map(([chain = '', place, hash = '']) => ({ chain, place: Number(place), hash }))

/** Signs with Ed25519 keyed from AUDIT_KEY, so that an auditor can be given the public half; and tests signatures, this key's own. In hex: no scrubber of a log takes it for a number. */
export function checkpointKey(auditKey: string) {
  const key = privateKey(auditKey)
  const publicKey = createPublicKey(key)
  return {
    signature: (checkpoint: Checkpoint): string => sign(null, bytes(checkpoint), key).toString('hex'),
    holds: (checkpoint: Checkpoint, signature: string): boolean =>
      verify(null, bytes(checkpoint), publicKey, Buffer.from(signature, 'hex')),
    /** PEM, for those who check checkpoints without the secret. */
    publicKey: publicKey.export({ format: 'pem', type: 'spki' }) as string,
  }
}
export type CheckpointKey = ReturnType<typeof checkpointKey>

/** The row that says how far the chains have come. */
export const checkpointDraft = (checkpoint: Checkpoint, signature: string): AuditDraft =>
  auditNote(checkpointStatus, { detail: { rows: checkpoint.place, head: checkpoint.hash, ends: endsAsText(checkpoint.ends), signature } })

/** The checkpoint that a row or a log line carries; undefined: it is none. */
export function checkpointIn(line: {
  status?: unknown
  chain?: unknown
  detail?: unknown
}): { checkpoint: Checkpoint; signature: string } | undefined {
  if (line.status !== checkpointStatus || typeof line.chain !== 'string') return undefined
  const { rows, head, ends, signature } = (line.detail ?? {}) as Record<string, unknown>
  return {
    checkpoint: { chain: line.chain, place: Number(rows), hash: String(head), ends: endsFrom(String(ends)) },
    signature: String(signature),
  }
}
