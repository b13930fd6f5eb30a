/**
 * The table of audit rows that were committed with a change, and that have no position in their chain yet. Each row has a keyed hash of its
 * own; a sealer moves the rows into the chain (docs/architecture.md#audit-trail).
 */
import { createAuditDraft } from '../audit/draft.ts'
import { hashUnsealedRow } from '../audit/chain.ts'
import type { AuditEntry } from '../contract/audit.ts'
import type { AuditRowDraft, Dialect } from '../engine/engine.ts'
import { emptyResult, executeDeferred, queryRows, queryTogether, type Query, type QueryGenerator, type Row } from '../engine/query.ts'
import { parseContent, type AuditText } from './audit-text.ts'
import { parseEntry } from './audit-reader.ts'
import type { AuditWriter } from './audit-writer.ts'

export interface UnsealedRow extends AuditText {
  /** A number that the chain's node gives to the row. No other row of the chain has the same. */
  ticket: number
  /** The last position of the chain that its node knew of before the row was committed. The row will have a higher one. */
  afterPosition: number
  /** The row's keyed hash. */
  hash: string
}

/** What this node knows about the unsealed rows of its chain. */
export interface KnownTail {
  /** The rows that this node has committed, by ticket. */
  rows: ReadonlyMap<number, UnsealedRow>
  /** All rows with a lower ticket are sealed. A query that begins here does not read past the rows that were deleted recently. */
  firstTicket: number
}

export interface SealedBatch {
  entries: AuditEntry[]
  /** Tickets of the rows that are in the chain now, and no longer in this table. */
  tickets: number[]
  /** Position of the chain's last row. */
  position: number
  /** Whether there were no more rows than one transaction seals. */
  isComplete: boolean
}

/** How many rows one transaction seals. */
const rowsPerBatch = 1_000
/** Status of the entries that report that rows were tampered with before they were sealed. */
export const removedStatus = 'unsealed_rows_removed'
export const forgedStatus = 'unsealed_rows_forged'

/** Inserts rows of a chain, which are in a JSON array in the order of their positions, and returns their numbers in that order. */
const insertRows = `INSERT INTO audit (chain, place, at, transfer_id, conversation_id, entry, personal, hash)
  SELECT chain, position, at, transfer, conversation, entry, personal, hash
  FROM json_to_recordset(:rows::json) AS row (chain text, position bigint, at bigint, transfer text, conversation text, entry text, personal text, hash text)
  ORDER BY position RETURNING seq`

/** Tickets are read as text, because a forged row may have one that a JavaScript number cannot hold. */
const columns = 'CAST(ticket AS text) AS ticket, entry, personal, hash'

const parsePersonalText = ({ personal = null }: Row): string | null => (personal === null ? null : String(personal))
const parseRow = (row: Row): UnsealedRow => {
  const entry = String(row['entry'])
  return {
    ticket: Number(row['ticket']),
    afterPosition: 0,
    content: parseContent(entry),
    entry,
    personal: parsePersonalText(row),
    hash: String(row['hash']),
  }
}

/**
 * @param key AUDIT_KEY
 * @param previousKeys the keys before it: rows that a node has written with one of these are genuine, too
 */
export function createUnsealedAudit(
  { forUpdate, jsonElements, lock, tryLock }: Dialect,
  key: string,
  previousKeys: readonly string[] = [],
) {
  const keys = [key, ...previousKeys]
  const selectRows = (chain: string, firstTicket: number): Query => ({
    sql: `SELECT ${columns} FROM unsealed_audit WHERE chain = :chain AND ticket >= :firstTicket ORDER BY unsealed_audit.ticket LIMIT :limit ${forUpdate}`,
    values: { chain, firstTicket, limit: rowsPerBatch },
  })
  const isGenuine = (chain: string, row: Row): boolean =>
    keys.some((each) => row['hash'] === hashUnsealedRow(each, chain, Number(row['ticket']), String(row['entry'])))

  /** @returns the row; undefined if the ledger has not written it. A row that is as this node remembers it is neither parsed nor hashed again */
  function parseGenuine(chain: string, row: Row, known: KnownTail | undefined): UnsealedRow | undefined {
    const own = known?.rows.get(Number(row['ticket']))
    if (own && own.entry === row['entry'] && own.hash === row['hash']) return { ...own, personal: parsePersonalText(row) }
    return isGenuine(chain, row) ? parseRow(row) : undefined
  }

  /** Leaves out the rows that are in the chain already, because another node has sealed them. */
  function* withoutSealed(rows: readonly UnsealedRow[], chain: string): QueryGenerator<UnsealedRow[]> {
    if (rows.length === 0) return []
    const position = Math.min(...rows.map(({ afterPosition }) => afterPosition))
    const sealed = yield* queryRows('SELECT entry FROM audit WHERE chain = :chain AND place > :position', { chain, position })
    const entries = new Set(sealed.map(({ entry }) => entry))
    return rows.filter(({ entry }) => !entries.has(entry))
  }

  const lockName = (chain: string): string => `audit chain ${chain}`

  return {
    /** Creates a row that can be inserted. */
    createRow: (chain: string, ticket: number, afterPosition: number, text: AuditText): UnsealedRow => ({
      ...text,
      ticket,
      afterPosition,
      hash: hashUnsealedRow(key, chain, ticket, text.entry),
    }),
    /** Writes a row in the transaction of the change that it is about. */
    *insert(chain: string, { ticket, content, entry, personal, hash }: UnsealedRow): QueryGenerator<void> {
      yield* executeDeferred(
        'INSERT INTO unsealed_audit (chain, ticket, conversation_id, entry, personal, hash) VALUES (:chain, :ticket, :conversationId, :entry, :personal, :hash)',
        { chain, ticket, conversationId: content.conversationId, entry, personal, hash },
      )
    },

    /** Chains of other nodes that have unsealed rows. */
    *listOtherChains(chain: string): QueryGenerator<string[]> {
      const rows = yield* queryRows('SELECT DISTINCT chain FROM unsealed_audit WHERE chain <> :chain', { chain })
      return rows.map((row) => String(row['chain']))
    },

    /**
     * Moves the rows of a chain into it, and appends `drafts` after them. A row that this node has committed and that is gone or changed is
     * written again from memory; a row without the right hash is deleted. Both are reported by an entry.
     * @param known undefined for the chain of another node, which may have another AUDIT_KEY: then only rows with the right hash are touched
     */
    *seal(writer: AuditWriter, chain: string, drafts: readonly AuditRowDraft[], known?: KnownTail): QueryGenerator<SealedBatch> {
      // Only one transaction at a time seals a chain. `selectRows` locks the rows, so that an erasure waits.
      yield* lock([lockName(chain)])
      const firstTicket = known?.firstTicket ?? 0
      const [rowsResult = emptyResult, lastResult = emptyResult] = yield* queryTogether([
        selectRows(chain, firstTicket),
        writer.lastRowQuery,
      ])
      const last = writer.parseLast(lastResult)
      const genuine = rowsResult.rows.map((row) => parseGenuine(chain, row, known)).filter((row) => row !== undefined)
      const forgedCount = known ? rowsResult.rows.length - genuine.length : 0
      const ticketsToDelete = known ? rowsResult.rows.map(({ ticket }) => String(ticket)) : genuine.map(({ ticket }) => String(ticket))
      const isComplete = rowsResult.rows.length < rowsPerBatch
      const foundTickets = new Set(genuine.map(({ ticket }) => ticket))
      const missingRows = known && isComplete ? [...known.rows.values()].filter(({ ticket }) => !foundTickets.has(ticket)) : []
      const removedRows = yield* withoutSealed(missingRows, chain)
      const reports = [
        ...(removedRows.length > 0 ? [createAuditDraft(removedStatus, { detail: { rows: removedRows.length } })] : []),
        ...(forgedCount > 0 ? [createAuditDraft(forgedStatus, { detail: { rows: forgedCount } })] : []),
      ]
      const tickets = [...genuine, ...missingRows].map(({ ticket }) => ticket)
      const items = [...genuine, ...removedRows, ...reports, ...drafts]
      if (ticketsToDelete.length > 0)
        yield* executeDeferred(
          `DELETE FROM unsealed_audit WHERE chain = :chain AND ticket >= :firstTicket AND CAST(ticket AS text) IN (${jsonElements('tickets')})`,
          {
            chain,
            firstTicket,
            tickets: JSON.stringify(ticketsToDelete),
          },
        )
      if (items.length === 0) return { entries: [], tickets, position: last.position, isComplete }
      const chained = writer.chainRows(items, last)
      yield* executeDeferred(chained.updateHead.sql, chained.updateHead.values)
      const rows = JSON.stringify(chained.inserts.map(({ query }) => query.values))
      const [inserted = emptyResult] = yield* queryTogether([{ sql: insertRows, values: { rows }, isLast: true }])
      const entries = chained.inserts.map(({ toEntry }, index) => toEntry({ rows: inserted.rows.slice(index, index + 1), changedRows: 1 }))
      return { entries, tickets, position: chained.last.position, isComplete }
    },

    /**
     * The entries about a transfer, in the order of their time. Entries that are not sealed, because their node was stopped or killed, have the
     * row number 0 and the hash of an unsealed row, and come after sealed ones of the same time.
     */
    *findEntries(transferId: string): QueryGenerator<AuditEntry[]> {
      const rows = yield* queryRows(
        `SELECT chain, seq, at, entry, personal, hash, NULL AS ticket FROM audit WHERE transfer_id = :transferId
         UNION ALL SELECT chain, 0, 0, entry, personal, hash, CAST(ticket AS text) FROM unsealed_audit WHERE entry LIKE :pattern`,
        { transferId, pattern: `%"actionId":"${transferId}"%` },
      )
      return rows
        .filter((row) => row['ticket'] === null || isGenuine(String(row['chain']), row))
        .map((row) => {
          const entry = parseEntry(row)
          return { entry, at: Number(row['at']) || Date.parse(entry.timestamp), seq: entry.seq || Infinity }
        })
        .toSorted((a, b) => a.at - b.at || (a.seq === b.seq ? 0 : a.seq - b.seq))
        .map(({ entry }) => entry)
    },

    /** Takes the lock of a chain if it is free. A node that is sealing the chain holds it. @returns whether it was free */
    tryLockChain: (chain: string): QueryGenerator<boolean> => tryLock(lockName(chain)),

    /** Counts the rows of all chains, and those without the right hash. */
    *count(): QueryGenerator<{ rows: number; forged: number }> {
      const rows = yield* queryRows(`SELECT chain, ${columns} FROM unsealed_audit`)
      return { rows: rows.length, forged: rows.filter((row) => !isGenuine(String(row['chain']), row)).length }
    },
  }
}
