/** Reads the index of the write-ahead log: what the log must hold, and whether it was written back (sqlite.org/walformat.html, section 2). */
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
  /** The numbers that the log's header and each of its valid frames contain. They change whenever the log is begun anew. */
  salts: Buffer
  /** A text that changes whenever a process begins to write the log back into the database, or begins the log anew. */
  checkpoint: string
  /** Whether the log is being written back, or a process was stopped while it did so. */
  isCheckpointing: boolean
  /** The bytes that were read, for comparison with a later read. */
  bytes: Buffer
}

/** The version of the format that is understood here. */
const formatVersion = 3_007_000
/** Two copies of the header, and the state of checkpoints and readers. */
const indexBytes = 136
/** The size of one copy of the header. */
const headerBytes = 48

/** @returns undefined while another process writes the index, or when its format is not known */
export function readWalIndex(descriptor: number): WalIndex | undefined {
  const bytes = Buffer.alloc(indexBytes)
  if (readSync(descriptor, bytes, 0, indexBytes, 0) < indexBytes) return undefined
  const isConsistent = bytes.compare(bytes, headerBytes, 2 * headerBytes, 0, headerBytes) === 0
  // The numbers are in the machine's own byte order.
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, indexBytes / 4)
  const readWord = (offset: number): number => words[offset / 4] ?? 0
  // Byte 12 says whether the index is initialized.
  if (!isConsistent || readWord(0) !== formatVersion || bytes[12] === 0) return undefined
  const pageSize = new Uint16Array(bytes.buffer, bytes.byteOffset + 14, 1)[0] ?? 0
  const [writtenBack, toWriteBack] = [readWord(96), readWord(128)]
  return {
    // The size does not fit into two bytes, so 1 stands for it.
    pageSize: pageSize === 1 ? 65_536 : pageSize,
    lastFrame: readWord(16),
    writtenBack,
    pageCount: readWord(20),
    checksums: [readWord(24), readWord(28)],
    salts: bytes.subarray(32, 40),
    checkpoint: `${readWord(32)} ${readWord(36)} ${toWriteBack}`,
    isCheckpointing: writtenBack < toWriteBack,
    bytes,
  }
}
