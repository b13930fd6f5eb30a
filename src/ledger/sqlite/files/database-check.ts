/**
 * Whether someone else has written into the database file. SQLite writes it only when it writes the log back, and says so in the log's index
 * before it begins. So a file that has changed although nothing was written back was overwritten.
 */
import { fstatSync, readSync, type BigIntStats } from 'node:fs'
import { isWrittenBack } from './log-check.ts'
import { readWalIndex, type WalIndex } from './wal-index.ts'

const magic = 'SQLite format 3\0'
/** The first page, with the header, the tables and how many pages there are. */
const firstPageBytes = 4_096
/** The end of the file, where its newest pages are. */
const tailBytes = 65_536

/** Which write-backs the log's index knew of when the state was read. */
interface WriteBacks {
  checkpoint: string | undefined
  isCheckpointing: boolean
}
interface KnownState extends WriteBacks {
  size: bigint
  modifiedNs: bigint
  sample: Buffer
}
const writeBacksOf = (index: WalIndex | undefined): WriteBacks => ({
  checkpoint: index?.checkpoint,
  isCheckpointing: index?.isCheckpointing ?? true,
})

/** Reads what differs between any two versions of a ledger, except for a few rows that were changed in place. */
function readSample(descriptor: number, size: number): Buffer {
  const sample = Buffer.alloc(firstPageBytes + tailBytes)
  readSync(descriptor, sample, 0, firstPageBytes, 0)
  readSync(descriptor, sample, firstPageBytes, tailBytes, Math.max(0, size - tailBytes))
  return sample
}

/**
 * Remembers the state of the file.
 * @param database, log, index descriptors of the file, of the log and of its index
 * @returns whether the file is as SQLite has left it; `stats` is its present state, and `before` is the index as it was read before that
 */
export function createDatabaseCheck(
  database: number,
  log: number,
  index: number,
): (stats: BigIntStats, before: WalIndex | undefined) => boolean {
  /** In this order: a write-back that begins after the index was read is another one at the next check. */
  function readState(): KnownState {
    const writeBacks = writeBacksOf(readWalIndex(index))
    const { size, mtimeNs } = fstatSync(database, { bigint: true })
    return { ...writeBacks, size, modifiedNs: mtimeNs, sample: readSample(database, Number(size)) }
  }
  let known = readState()

  /** Whether SQLite may have written the file since the state was read; undefined while another process writes the index. */
  function wasWrittenBack(): boolean | undefined {
    const current = readWalIndex(index)
    return current && (known.isCheckpointing || current.checkpoint !== known.checkpoint)
  }

  return ({ size, mtimeNs }, before) => {
    if (size === known.size && mtimeNs === known.modifiedNs) {
      if (before) Object.assign(known, writeBacksOf(before))
      return true
    }
    const mayBeOurs = wasWrittenBack()
    // The next check finds out.
    if (mayBeOurs === undefined) return true
    if (mayBeOurs) {
      known = readState()
      return known.sample.toString('latin1', 0, magic.length) === magic && isWrittenBack(database, log, index)
    }
    if (size !== known.size || !readSample(database, Number(size)).equals(known.sample)) return wasWrittenBack() !== false
    // Only its time was set.
    known.modifiedNs = mtimeNs
    return true
  }
}
