/** Whether the write-ahead log holds what its index says (sqlite.org/walformat.html), and the database what was written back from it. */
import { fstatSync, readSync } from 'node:fs'
import { readWalIndex, type WalIndex } from './wal-index.ts'

const logHeaderBytes = 32
const frameHeaderBytes = 24
/** How often the check is repeated while other processes write. */
const maxAttempts = 3
/** How many frames are compared with the database. */
const comparedFrames = 16

const frameOffset = (frame: number, { pageSize }: WalIndex): number => logHeaderBytes + (frame - 1) * (frameHeaderBytes + pageSize)

function readAt(descriptor: number, length: number, position: number): Buffer {
  const bytes = Buffer.alloc(length)
  readSync(descriptor, bytes, 0, length, position)
  return bytes
}

/** The last frame tells of all before it, because its checksums cover them. What was cut off or overwritten is lost at the next start. */
function fits(log: number, index: WalIndex): boolean {
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
 * @param log, index descriptors of the log and of its index
 * @param before the index as it was read last
 */
export function isLogIntact(log: number, index: number, before: WalIndex | undefined): boolean {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    // Nothing to check, or not now: the next check is soon.
    if (!before || before.lastFrame === 0 || fits(log, before)) return true
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
    // Pages behind the end were freed, and are cut off.
    if (page <= index.pageCount && !pages.has(page)) pages.set(page, bytes.subarray(frameHeaderBytes))
  }
  return pages
}

/**
 * Whether the database holds the last pages of a log that was just written back. If not, it was overwritten meanwhile.
 * @param database, log, index descriptors
 * @returns true also when that cannot be told, because only a part was written back or others write
 */
export function isWrittenBack(database: number, log: number, index: number): boolean {
  const before = readWalIndex(index)
  if (!before || before.isCheckpointing || before.writtenBack < before.lastFrame) return true
  const { pageSize, pageCount } = before
  const isWhole =
    fstatSync(database).size >= pageCount * pageSize &&
    [...readLastPages(log, before)].every(([page, content]) => readAt(database, pageSize, (page - 1) * pageSize).equals(content))
  return isWhole || !readWalIndex(index)?.bytes.equals(before.bytes)
}

/** The pages that are in the log, up to the last frame that is committed. */
export function readPagesInLog(log: number, index: WalIndex): Set<number> {
  const pages = new Set<number>()
  for (let frame = 1; frame <= index.lastFrame; frame++) pages.add(readAt(log, 4, frameOffset(frame, index)).readUInt32BE(0))
  return pages
}
