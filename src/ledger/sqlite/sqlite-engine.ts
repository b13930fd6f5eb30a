/** The embedded engine: Node's own SQLite, for one machine, with every acknowledged write on disk (docs/decisions/0001-own-ledger.md). */
import { setTimeout } from 'node:timers/promises'
import { singleChain as chain } from '../audit/chain.ts'
import { reportSetBack } from '../audit/set-back.ts'
import type { AuditDraft, AuditEntry } from '../contract/audit.ts'
import { StoreUnavailable } from '../contract/errors.ts'
import type { LedgerOptions } from '../contract/ledger.ts'
import type { Dialect, Engine } from '../engine/engine.ts'
import { queryRows } from '../engine/query.ts'
import { machineUptimeMs } from '../operations/lease-term.ts'
import { createAuditWriter } from '../tables/audit-writer.ts'
import { createAuditAppender } from './audit-appender.ts'
import { createGroupCommit } from './group-commit.ts'
import { localNodes } from './local-nodes.ts'
import { createFilePlace } from './files/file-place.ts'
import { openFile } from './open-file.ts'
import { createSession } from './session.ts'
import { createSideReader } from './side-reader.ts'
import { epochMs } from '../../model/clock.ts'

/** How many times a purge tries to empty the write-ahead log while another process reads it, and the pause between two tries, ms. */
const purgeAttempts = 20
const purgePauseMs = 100

/** SQLite lets one transaction write at a time, so rows need no locks. */
const dialect: Dialect = {
  now: ':now',
  leaseNow: ':uptime',
  forUpdate: '',
  skipLocked: '',
  jsonElements: (parameter) => `SELECT value FROM json_each(:${parameter})`,
  json: (text) => text,
  jsonElementsOf: (array) => `SELECT value FROM json_each(${array})`,
  *lock() {},
  // eslint-disable-next-line require-yield -- there is nothing to ask
  *tryLock() {
    return true
  },
}

/**
 * Opens and migrates a file.
 * @param path a file path, or `:memory:`
 * @throws StoreUnavailable when the file cannot be opened, or was written by a newer version
 */
export async function openSqliteEngine(path: string, nodeId: string, options: LedgerOptions): Promise<Engine> {
  const { auditKey, onAudit = () => {}, log, clock = epochMs, uptimeMs = machineUptimeMs } = options
  const { database, files, close } = await openFile(path, log)
  const place = createFilePlace(path)
  const session = createSession(database, { now: clock, uptime: uptimeMs })
  const writer = createAuditWriter({ key: auditKey, chain, nodeId, clock, reportsRowNumbers: true })
  const audit = createAuditAppender(session, writer, (knownPosition, position) => reportSetBack(log, chain, knownPosition, position))
  const commits = createGroupCommit(database, {
    assertIntact: () => files.assertIntact(),
    toUnavailable: (error) => files.toUnavailable(error),
    onBegin: () => audit.beginTransaction(),
    beforeCommit: () => audit.writeHead(),
    afterCommit: () => audit.endTransaction(),
    countChanges: () => session.query({ sql: 'SELECT total_changes() AS changes', values: {} }).rows[0]?.['changes'],
  })
  // A database in memory belongs to its connection.
  const sideReader = path === ':memory:' ? undefined : createSideReader(path, (error) => files.toUnavailable(error))
  const appendListeners: Array<() => void> = []
  localNodes.add(nodeId)

  const read: Engine['read'] = async (work) => {
    files.assertIntact()
    try {
      return session.run(work())
    } catch (error) {
      throw files.toUnavailable(error)
    }
  }

  const write: Engine['write'] = async (work, flush) => {
    const { value, entries } = await commits.write(() => {
      const drafts: AuditDraft[] = []
      return { value: session.run(work(drafts)), entries: audit.append(drafts) }
    }, flush)
    report(entries)
    return value
  }
  /** Writes the log back and empties it. @returns false while another process reads it @throws StoreUnavailable */
  function writeLogBack(): boolean {
    files.assertIntact()
    try {
      return database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0
    } catch (error) {
      throw files.toUnavailable(error)
    }
  }
  /** Reports entries once they are on disk. */
  function report(entries: readonly AuditEntry[]): void {
    if (entries.length === 0) return
    commits.onceOnDisk(() => {
      for (const entry of entries) onAudit(entry)
      for (const listener of appendListeners) listener()
    })
  }

  return {
    dialect,
    place,
    hasSharedClock: false,
    chain,
    read,
    async readLong(work) {
      files.assertIntact()
      return sideReader ? sideReader.read(work) : read(work)
    },
    // Long reads share one connection (side-reader.ts).
    maxLongReads: 1,
    write,
    appendAudit: async (draft) => report(await commits.write(() => audit.append([draft]), 'soon')),
    // Rows are chained in the transaction that writes them.
    async sealAudit() {},
    findDamage: () =>
      read(function* () {
        const rows = yield* queryRows('PRAGMA integrity_check(10)')
        return rows.map((row) => String(row['integrity_check'])).filter((finding) => finding !== 'ok')
      }),
    async purgeOverwritten() {
      // Deleted content is overwritten with zeros (open-file.ts), so only older pages in the write-ahead log still hold it.
      commits.commitNow()
      for (let attempt = 0; attempt < purgeAttempts; attempt++) {
        if (writeLogBack()) return
        await setTimeout(purgePauseMs)
      }
      throw new StoreUnavailable('another process reads it; what was erased is out of the ledger, but not yet out of its file: erase again')
    },
    isNodeDead: localNodes.isDead,
    // Other processes find queued deliveries by polling.
    notifyOtherNodes() {},
    onNotified() {},
    // What other processes append is found by polling.
    onAppended: (listener) => void appendListeners.push(listener),
    async close() {
      localNodes.remove(nodeId)
      await sideReader?.close()
      commits.commitNow()
      close()
    },
  }
}
