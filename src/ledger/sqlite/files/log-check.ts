/** Checks that the write-ahead log holds what its index says, and the database what was written back from the log (sqlite.org/walformat.html). */
import { fstatSync, readSync } from 'node:fs'
import { readWalIndex, type WalIndex } from './wal-index.ts'

const logHeaderBytes = 32
const frameHeaderBytes = 24
/** How often the check is repeated while other processes write. */
const maxAttempts = 3
/** How many of the last frames are compared with the database. */
const comparedFrames = 16

const frameOffset = (frame: number, { pageSize }: WalIndex): number => logHeaderBytes + (frame - 1) * (frameHeaderBytes + pageSize)

function readAt(descriptor: number, length: number, position: number): Buffer {
  const bytes = Buffer.alloc(length)
  readSync(descriptor, bytes, 0, length, position)
  return bytes
}

/**
 * Whether the log ends with the frame that the index names. That says enough about all frames before it, because its checksums cover them. The
 * offsets are those of sqlite.org/walformat.html.
 */
function matchesIndex(log: number, index: WalIndex): boolean {
  if (fstatSync(log).size < frameOffset(index.lastFrame + 1, index)) return false
  const header = readAt(log, logHeaderBytes, 0)
  const frame = readAt(log, frameHeaderBytes, frameOffset(index.lastFrame, index))
  const [first, second] = index.checksums
  return (
    header.subarray(16, 24).equals(index.salts) &&
    frame.subarray(8, 16).equals(index.salts) &&
    frame.readUInt32BE(16) === first &&
    frame.readUInt32BE(20) === second
  )
}

/**
 * Whether the log holds what its index says. Frames that were cut off or overwritten would be lost at the next start.
 * @param log, index descriptors of the log and of its index
 * @param before the index as it was read last; undefined when it could not be read
 */
export function isLogIntact(log: number, index: number, before: WalIndex | undefined): boolean {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    // Without an index or frames there is nothing to compare. The next check follows soon.
    if (!before || before.lastFrame === 0 || matchesIndex(log, before)) return true
    // If the index has not changed since, no other process has written the log, so it is damaged.
    const after = readWalIndex(index)
    if (after?.bytes.equals(before.bytes)) return false
    before = after
  }
  return true
}

/** The newest content of the pages in the last frames, by page. */
function readLastPages(log: number, index: WalIndex): Map<number, Buffer> {
  const pages = new Map<number, Buffer>()
  for (let frame = index.lastFrame; frame > Math.max(0, index.lastFrame - comparedFrames); frame--) {
    const bytes = readAt(log, frameHeaderBytes + index.pageSize, frameOffset(frame, index))
    const page = bytes.readUInt32BE(0)
    // Pages after the database's last one were freed, and are not written back.
    if (page <= index.pageCount && !pages.has(page)) pages.set(page, bytes.subarray(frameHeaderBytes))
  }
  return pages
}

/**
 * Whether the database holds the last pages of a log that was just written back. If not, another program has overwritten the database.
 * @param database, log, index descriptors
 * @returns true also when this cannot be decided, because only a part was written back or another process is writing
 */
export function isWrittenBack(database: number, log: number, index: number): boolean {
  const before = readWalIndex(index)
  if (!before || before.isCheckpointing || before.writtenBack < before.lastFrame) return true
  const { pageSize, pageCount } = before
  const hasAllPages =
    fstatSync(database).size >= pageCount * pageSize &&
    [...readLastPages(log, before)].every(([page, content]) => readAt(database, pageSize, (page - 1) * pageSize).equals(content))
  return hasAllPages || !readWalIndex(index)?.bytes.equals(before.bytes)
}

/** The numbers of the pages that are in the log, up to the last frame that is committed. Each frame begins with the number of its page. */
export function readPagesInLog(log: number, index: WalIndex): Set<number> {
  const pages = new Set<number>()
  for (let frame = 1; frame <= index.lastFrame; frame++) pages.add(readAt(log, 4, frameOffset(frame, index)).readUInt32BE(0))
  return pages
}
