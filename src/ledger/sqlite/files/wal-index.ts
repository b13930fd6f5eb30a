/** Reads the index of the write-ahead log, which all connections share (sqlite.org/walformat.html, section 2): what the log must hold, and when it was written back. */
import { readSync } from 'node:fs'

export interface WalIndex {
  /** In bytes. */
  pageSize: number
  /** How many pages the database has, with those that are only in the log. */
  pageCount: number
  /** Number of the last frame that is committed, counted from 1; 0 when the log holds nothing. */
  lastFrame: number
  /** Number of the last frame that is written back. */
  writtenBack: number
  /** The checksums of the last frame. */
  checksums: readonly [number, number]
  /** What the log's header and each of its frames begin with since the log was begun anew. */
  salts: Buffer
  /** Another text whenever someone has begun to write the log back into the database, or to write the log anew. */
  checkpoint: string
  /** Whether the log is being written back, or whoever did so was stopped in the middle. */
  isCheckpointing: boolean
  /** What was read, for comparison. */
  bytes: Buffer
}

/** The version of the format that is understood here. */
const formatVersion = 3_007_000
/** Two copies of the header, and the state of checkpoints and readers. */
const indexBytes = 136
const headerBytes = 48

/** @returns undefined while another process writes the index, or when its format is not known */
export function readWalIndex(descriptor: number): WalIndex | undefined {
  const bytes = Buffer.alloc(indexBytes)
  if (readSync(descriptor, bytes, 0, indexBytes, 0) < indexBytes) return undefined
  const isWhole = bytes.compare(bytes, headerBytes, 2 * headerBytes, 0, headerBytes) === 0
  // The numbers are in the machine's own byte order.
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, indexBytes / 4)
  const word = (offset: number): number => words[offset / 4] ?? 0
  if (!isWhole || word(0) !== formatVersion || bytes[12] === 0) return undefined
  const pageSize = new Uint16Array(bytes.buffer, bytes.byteOffset + 14, 1)[0] ?? 0
  const [writtenBack, toWriteBack] = [word(96), word(128)]
  return {
    pageSize: pageSize === 1 ? 65_536 : pageSize,
    lastFrame: word(16),
    writtenBack,
    pageCount: word(20),
    checksums: [word(24), word(28)],
    salts: bytes.subarray(32, 40),
    checkpoint: `${word(32)} ${word(36)} ${toWriteBack}`,
    isCheckpointing: writtenBack < toWriteBack,
    bytes,
  }
}
