/**
 * Runs long reads in a thread of their own, so that the pipeline does not wait for them. The thread only executes the queries; the generators
 * that yield them run in the main thread, as for every other read. The thread is started by the first read and ended after a while without
 * reads, because it takes about 25 MB.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { StoreUnavailable } from '../contract/errors.ts'
import type { Query, QueryGenerator, QueryResult } from '../engine/query.ts'
import type { ReaderResponse, ReaderThreadData } from './reader-thread.ts'

/** The thread ends after this time without a read, ms. */
const idleMs = 30_000

type ToUnavailable = (error: unknown) => StoreUnavailable

export interface SideReader {
  /** Runs a read on a snapshot: everything that is committed when it begins. @throws StoreUnavailable, and what the generator throws */
  read<T>(work: () => QueryGenerator<T>): Promise<T>
  /** Ends the thread, after the read that is running. */
  close(): Promise<void>
}

interface ReaderThread {
  query(query: Query): Promise<QueryResult>
  hasEnded(): boolean
  end(): Promise<void>
}

function startThread(path: string, toUnavailable: ToUnavailable): ReaderThread {
  const workerData: ReaderThreadData = { path }
  const worker = new Worker(new URL('./reader-thread.ts', import.meta.url), { workerData, name: 'ledger reader' })
  let runningQuery: PromiseWithResolvers<QueryResult> | undefined
  let hasEnded = false

  /** Settles the promise of the query that is running. Only a running query keeps the process alive. */
  function settle(settleQuery: (query: PromiseWithResolvers<QueryResult>) => void): void {
    const query = runningQuery
    runningQuery = undefined
    worker.unref()
    if (query) settleQuery(query)
  }
  worker.on('message', (response: ReaderResponse) =>
    settle(({ resolve, reject }) => ('error' in response ? reject(toUnavailable(response.error)) : resolve(response.result))),
  )
  worker.on('error', (error: Error) => {
    hasEnded = true
    settle(({ reject }) => reject(toUnavailable(error)))
  })
  worker.on('exit', () => {
    hasEnded = true
    settle(({ reject }) => reject(new StoreUnavailable('the thread that reads has ended')))
  })

  return {
    query(query) {
      runningQuery = Promise.withResolvers<QueryResult>()
      worker.ref()
      worker.postMessage(query, [])
      return runningQuery.promise
    },
    hasEnded: () => hasEnded,
    async end() {
      if (hasEnded) return
      worker.ref()
      worker.postMessage('close', [])
      await once(worker, 'exit')
    },
  }
}

/**
 * @param path a file that is in WAL mode
 * @param toUnavailable turns the failure of a query into the error to throw
 */
export function createSideReader(path: string, toUnavailable: ToUnavailable): SideReader {
  let thread: ReaderThread | undefined
  let idleTimer: NodeJS.Timeout | undefined
  let lastRead: Promise<unknown> = Promise.resolve()

  async function endThread(): Promise<void> {
    clearTimeout(idleTimer)
    const ending = thread
    thread = undefined
    await ending?.end()
  }

  async function runRead<T>(work: () => QueryGenerator<T>): Promise<T> {
    clearTimeout(idleTimer)
    if (!thread || thread.hasEnded()) thread = startThread(path, toUnavailable)
    const current = thread
    const query = (each: Query): Promise<QueryResult> => current.query(each)
    try {
      await query({ sql: 'BEGIN', values: {} })
      const queries = work()
      let next = queries.next()
      while (!next.done) {
        const results: QueryResult[] = []
        for (const each of next.value) results.push(await query(each))
        next = queries.next(results)
      }
      await query({ sql: 'COMMIT', values: {} })
      return next.value
    } catch (error) {
      // The state of the connection is not known, so the next read gets a new thread and connection.
      await endThread()
      throw error
    } finally {
      idleTimer = setTimeout(() => void endThread(), idleMs).unref()
    }
  }

  return {
    read(work) {
      const read = lastRead.then(() => runRead(work))
      lastRead = read.catch(() => {})
      return read
    },
    async close() {
      await lastRead
      await endThread()
    },
  }
}
