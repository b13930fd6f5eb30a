/** The thread for long reads: runs one query after another on a connection of its own, which cannot write (side-reader.ts). */
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { epochMs } from '../../model/clock.ts'
import type { Query, QueryResult } from '../engine/query.ts'
import { createSession } from './session.ts'

export interface ReaderThreadData {
  path: string
}
/** A query, or the end of the thread. */
export type ReaderRequest = Query | 'close'
/** The properties of an error, because an error loses them on the way to another thread. */
export interface ReaderError {
  message: string
  code?: string | undefined
  errcode?: number | undefined
}
export type ReaderResponse = { result: QueryResult } | { error: ReaderError }

const database = new DatabaseSync((workerData as ReaderThreadData).path, { readOnly: true })
// Long reads read most pages once, so a large cache would only take memory. Unit: kibibytes, negated.
database.exec('PRAGMA cache_size = -256')
const session = createSession(database, { now: epochMs })

function respond(query: Query): ReaderResponse {
  try {
    return { result: session.query(query) }
  } catch (error) {
    const { message, code, errcode } = error as ReaderError
    return { error: { message, code, errcode } }
  }
}

parentPort?.on('message', (request: ReaderRequest) => {
  if (request === 'close') {
    database.close()
    parentPort?.close()
  } else parentPort?.postMessage(respond(request), [])
})
