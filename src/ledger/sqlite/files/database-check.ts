/**
 * Whether another program has written into the database file. SQLite writes the file only when it writes the log back, and says so in the log's
 * index before it begins. So a file that has changed although no log was written back was overwritten.
 */
import { fstatSync, readSync, type BigIntStats } from 'node:fs'
import { isWrittenBack } from './log-check.ts'
import { readWalIndex, type WalIndex } from './wal-index.ts'

/** The text that every SQLite database begins with. */
const magic = 'SQLite format 3\0'
/** Size of the first page, which holds the header, the list of tables and the number of pages. */
const firstPageBytes = 4_096
/** Size of the end of the file, which holds its newest pages. */
const tailBytes = 65_536

/** What the log's index said about write-backs when it was read. */
interface WriteBacks {
  checkpoint: string | undefined
  isCheckpointing: boolean
}
/** The state of the file at a time when it was known to be SQLite's. */
interface KnownState extends WriteBacks {
  size: bigint
  modifiedNs: bigint
  sample: Buffer
}
/** While the index cannot be read, the log may be being written back. */
const writeBacksOf = (index: WalIndex | undefined): WriteBacks => ({
  checkpoint: index?.checkpoint,
  isCheckpointing: index?.isCheckpointing ?? true,
})

/** Reads the parts of the file that differ between any two versions of a ledger, unless only a few rows were changed in place. */
function readSample(descriptor: number, size: number): Buffer {
  const sample = Buffer.alloc(firstPageBytes + tailBytes)
  readSync(descriptor, sample, 0, firstPageBytes, 0)
  readSync(descriptor, sample, firstPageBytes, tailBytes, Math.max(0, size - tailBytes))
  return sample
}

/**
 * Creates a check of the file, and remembers its state.
 * @param database, log, index descriptors of the file, of the log and of its index
 * @returns whether the file is as SQLite has left it; `stats` is its present state, and `before` is the index as it was read before `stats`
 */
export function createDatabaseCheck(
  database: number,
  log: number,
  index: number,
): (stats: BigIntStats, before: WalIndex | undefined) => boolean {
  /** Reads the index first, so that a write-back that begins after that is noticed as another one by the next check. */
  function readState(): KnownState {
    const writeBacks = writeBacksOf(readWalIndex(index))
    const { size, mtimeNs } = fstatSync(database, { bigint: true })
    return { ...writeBacks, size, modifiedNs: mtimeNs, sample: readSample(database, Number(size)) }
  }
  let known = readState()

  /** Whether SQLite may have written the log back since the state was read; undefined while another process writes the index. */
  function wasWrittenBack(): boolean | undefined {
    const current = readWalIndex(index)
    return current && (known.isCheckpointing || current.checkpoint !== known.checkpoint)
  }

  return ({ size, mtimeNs }, before) => {
    if (size === known.size && mtimeNs === known.modifiedNs) {
      if (before) Object.assign(known, writeBacksOf(before))
      return true
    }
    const mayBeWrittenBack = wasWrittenBack()
    // Another process is writing the index, so only the next check can decide this.
    if (mayBeWrittenBack === undefined) return true
    if (mayBeWrittenBack) {
      known = readState()
      return known.sample.toString('latin1', 0, magic.length) === magic && isWrittenBack(database, log, index)
    }
    if (size !== known.size || !readSample(database, Number(size)).equals(known.sample)) return wasWrittenBack() !== false
    // Only the time of the file has changed.
    known.modifiedNs = mtimeNs
    return true
  }
}
