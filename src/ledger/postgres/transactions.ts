/** Reads and transactions on a pool; the node's audit chain is prolonged by one transaction at a time. */
import type { Pool } from 'pg'
import { StaleRecord, type AuditEntry } from '../ledger.ts'
import type { AuditRowDraft, Engine, Transaction } from '../steps.ts'
import { emptyChain, type AuditTable, type Tail } from '../tables/audit.ts'
import { unavailable } from './connections.ts'
import { sessionOn, type Session } from './session.ts'

export interface Transactions {
  read: Engine['read']
  /** The work's value, and the audit rows that were written with it. */
  write<T>(work: Transaction<T>): Promise<{ value: T; entries: AuditEntry[] }>
}

/** `audit` writes the chain of this node, which nobody else writes. */
export function transactions(pool: Pool, audit: AuditTable): Transactions {
  /** Where the chain ends; undefined after a commit that may or may not have prolonged it. */
  let tail: Tail | undefined = emptyChain
  let turn: Promise<unknown> = Promise.resolve()

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = turn.then(work)
    turn = done.catch(() => {})
    return done
  }

  /** Appends the drafts and commits, in one round trip. */
  async function commitWith(session: Session, drafts: AuditRowDraft[]): Promise<AuditEntry[]> {
    const from = tail ?? (await session.run(audit.tail()))
    tail = undefined
    const { rows, head, tail: end } = audit.chain(drafts, from)
    const written = rows.map(async ({ query, entry }) => entry(await session.ask(query)))
    const [entries] = await Promise.all([Promise.all(written), session.ask(head), session.say('COMMIT')])
    tail = end
    return entries
  }

  /** A connection on which anything but a refusal of ours went wrong is not used again. */
  async function connected<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const client = await pool.connect().catch((error: unknown) => {
      throw unavailable(error)
    })
    let sound = false
    try {
      const session = sessionOn(client)
      const value = await work(session).catch(async (error: unknown) => {
        if (error instanceof StaleRecord)
          sound = await session.say('ROLLBACK').then(
            () => true,
            () => false,
          )
        throw error
      })
      sound = true
      return value
    } finally {
      client.release(!sound)
    }
  }

  return {
    read: (work) => connected((session) => session.run(work())),
    write: (work) =>
      connected(async (session) => {
        const drafts: AuditRowDraft[] = []
        const begun = session.say('BEGIN')
        // Sent together with the first statement; if it fails, that one fails too.
        begun.catch(() => {})
        const value = await session.run(work(drafts))
        await begun
        if (drafts.length > 0) return { value, entries: await inTurn(() => commitWith(session, drafts)) }
        await session.say('COMMIT')
        return { value, entries: [] }
      }),
  }
}
