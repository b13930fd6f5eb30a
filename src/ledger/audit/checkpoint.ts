/** Signed checkpoints of the audit trail, stored in the chain and in the log: nobody can change the log through the database (docs/reliability.md#audit-trail). */
import { createHmac, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import type { AuditDraft, ChainHead } from '../contract/audit.ts'
import { createAuditDraft } from './draft.ts'

/** The status of the audit entry that holds a checkpoint. */
export const checkpointStatus = 'checkpoint'

/** The DER encoding of an Ed25519 private key (RFC 8410 §7), without the key's 32 bytes at its end. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

const derivePrivateKey = (auditKey: string): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([pkcs8Prefix, createHmac('sha256', auditKey).update('checkpoint').digest()]),
    format: 'der',
    type: 'pkcs8',
  })

/** The head of a chain, and the heads of the other chains at that time, so that no chain can disappear unnoticed. */
export interface Checkpoint extends ChainHead {
  otherHeads: readonly ChainHead[]
}

/** An audit entry's detail holds only flat values, so the heads are one line of text: chain, position and hash of each. */
const formatHeads = (heads: readonly ChainHead[]): string =>
  heads.map(({ chain, position, hash }) => `${chain} ${position} ${hash}`).join(';')
const parseHeads = (text: string): ChainHead[] =>
  text
    .split(';')
    .filter(Boolean)
    .map((head) => head.split(' '))
    .map(([chain = '', position, hash = '']) => ({ chain, position: Number(position), hash }))

const signedBytes = ({ chain, position, hash, otherHeads }: Checkpoint): Buffer =>
  Buffer.from(['handoff audit checkpoint', chain, position, hash, formatHeads(otherHeads)].join('\n'))

/**
 * Signs and verifies checkpoints with an Ed25519 key that is derived from AUDIT_KEY, so that an auditor can be given the public key alone.
 * Signatures are in hex, because the log's redaction does not take hex for phone numbers.
 */
export function createCheckpointSigner(auditKey: string) {
  const key = derivePrivateKey(auditKey)
  const publicKey = createPublicKey(key)
  return {
    sign: (checkpoint: Checkpoint): string => sign(null, signedBytes(checkpoint), key).toString('hex'),
    isValid: (checkpoint: Checkpoint, signature: string): boolean =>
      verify(null, signedBytes(checkpoint), publicKey, Buffer.from(signature, 'hex')),
    /** PEM, to verify checkpoints without the secret. */
    publicKey: publicKey.export({ format: 'pem', type: 'spki' }) as string,
  }
}
export type CheckpointSigner = ReturnType<typeof createCheckpointSigner>

/** The signers of several keys. Each is created when it is needed. */
export function createCheckpointSigners(auditKeys: readonly string[]) {
  const signers = new Map<string, CheckpointSigner>()
  function signerOf(auditKey: string): CheckpointSigner {
    const signer = signers.get(auditKey) ?? createCheckpointSigner(auditKey)
    signers.set(auditKey, signer)
    return signer
  }
  return {
    of: signerOf,
    /** Whether one of the keys has signed the checkpoint. */
    isValid: (checkpoint: Checkpoint, signature: string): boolean =>
      auditKeys.some((auditKey) => signerOf(auditKey).isValid(checkpoint, signature)),
  }
}
export type CheckpointSigners = ReturnType<typeof createCheckpointSigners>

/** @returns the audit draft that holds a checkpoint */
export const createCheckpointDraft = (checkpoint: Checkpoint, signature: string): AuditDraft =>
  createAuditDraft(checkpointStatus, {
    detail: { rows: checkpoint.position, head: checkpoint.hash, ends: formatHeads(checkpoint.otherHeads), signature },
  })

/** Reads the checkpoint from an audit entry or a parsed log line. @returns undefined when it holds none */
export function parseCheckpoint(entry: {
  status?: unknown
  chain?: unknown
  detail?: unknown
}): { checkpoint: Checkpoint; signature: string } | undefined {
  if (entry.status !== checkpointStatus || typeof entry.chain !== 'string') return undefined
  const { rows, head, ends, signature } = (entry.detail ?? {}) as Record<string, unknown>
  return {
    checkpoint: { chain: entry.chain, position: Number(rows), hash: String(head), otherHeads: parseHeads(String(ends)) },
    signature: String(signature),
  }
}
