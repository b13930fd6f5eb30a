/** Where a SQLite ledger lies: by the birth of its file, which no copy shares. It is stored in the header, as the application id. */
import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { Place } from '../../engine/engine.ts'
import { execute, queryRow } from '../../engine/query.ts'

/** An application id that stands for no file. 0 is that of a ledger of a version that stored no place. */
const noFileId = 1
const idBits = 0x7fff_ffff

/**
 * The application id of the file at a path; the same for every database in memory. File systems that do not know the birth of a file report 0; there
 * its number counts, which some change at each mount.
 */
export function placeOfFile(path: string): number {
  const { ino, birthtimeNs } = path === ':memory:' ? { ino: 0n, birthtimeNs: 0n } : statSync(path, { bigint: true })
  const id =
    createHash('sha256')
      .update(String(birthtimeNs || ino))
      .digest()
      .readUInt32BE() & idBits
  return Math.max(id, noFileId + 1)
}

export const readApplicationId = (database: DatabaseSync): number =>
  (database.prepare('PRAGMA application_id').get() as { application_id: number }).application_id

/** @param path of an open file */
export function createFilePlace(path: string): Place {
  const current = String(placeOfFile(path))
  return {
    current,
    *find() {
      return String((yield* queryRow('PRAGMA application_id'))?.['application_id'])
    },
    *store(place) {
      yield* execute(`PRAGMA application_id = ${place === current ? current : noFileId}`)
    },
  }
}
