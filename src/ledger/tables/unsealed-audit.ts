/**
 * The table of audit rows that were committed with a change, and that have no position in their chain yet. Each row has a keyed hash of its
 * own; a sealer moves the rows into the chain (docs/architecture.md#audit-trail).
 */
import { createAuditDraft } from '../audit/draft.ts'
import { hashUnsealedRow } from '../audit/chain.ts'
import type { AuditEntry } from '../contract/audit.ts'
import type { AuditRowDraft, Dialect } from '../engine/engine.ts'
import { emptyResult, executeLater, queryRows, queryTogether, type Query, type QueryGenerator, type Row } from '../engine/query.ts'
import { parseContent, type AuditText } from './audit-text.ts'
import { parseEntry } from './audit-reader.ts'
import type { AuditWriter } from './audit-writer.ts'

export interface UnsealedRow extends AuditText {
  /** Counted by the chain's node. No other row of the chain has the same. */
  ticket: number
  /** How far its chain reached, as far as its node knew, before the row was committed. Its place is behind that. */
  behind: number
  /** The row's keyed hash. */
  hash: string
}

/** What this node knows about the unsealed rows of its chain. */
export interface KnownTail {
  /** Those that it has committed, by ticket. */
  rows: ReadonlyMap<number, UnsealedRow>
  /** No row before this ticket is unsealed. A scan from here does not pass over the rows that were deleted lately. */
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
/** Status of the entries that report what someone did to rows before they were sealed. */
export const removedStatus = 'unsealed_rows_removed'
export const forgedStatus = 'unsealed_rows_forged'

/** Inserts rows of a chain, which are in a JSON array in the order of their positions, and returns their numbers in that order. */
const insertRows = `INSERT INTO audit (chain, place, at, transfer_id, conversation_id, entry, personal, hash)
  SELECT chain, position, at, transfer, conversation, entry, personal, hash
  FROM json_to_recordset(:rows::json) AS row (chain text, position bigint, at bigint, transfer text, conversation text, entry text, personal text, hash text)
  ORDER BY position RETURNING seq`

/** Tickets are read as text, because someone may have written one that a JavaScript number cannot hold. */
const columns = 'CAST(ticket AS text) AS ticket, entry, personal, hash'

const parsePersonalText = ({ personal = null }: Row): string | null => (personal === null ? null : String(personal))
const parseRow = (row: Row): UnsealedRow => {
  const entry = String(row['entry'])
  return {
    ticket: Number(row['ticket']),
    behind: 0,
    content: parseContent(entry),
    entry,
    personal: parsePersonalText(row),
    hash: String(row['hash']),
  }
}

/** @param key AUDIT_KEY */
export function createUnsealedAudit({ forUpdate, jsonElements, lock, tryLock }: Dialect, key: string) {
  const selectRows = (chain: string, firstTicket: number): Query => ({
    sql: `SELECT ${columns} FROM unsealed_audit WHERE chain = :chain AND ticket >= :firstTicket ORDER BY unsealed_audit.ticket LIMIT :limit ${forUpdate}`,
    values: { chain, firstTicket, limit: rowsPerBatch },
  })
  const isGenuine = (chain: string, row: Row): boolean =>
    row['hash'] === hashUnsealedRow(key, chain, Number(row['ticket']), String(row['entry']))

  /** @returns the row if the ledger has written it. One that is as this node has written it needs neither to be parsed nor to be hashed */
  function parseGenuine(chain: string, row: Row, known: KnownTail | undefined): UnsealedRow | undefined {
    const own = known?.rows.get(Number(row['ticket']))
    if (own && own.entry === row['entry'] && own.hash === row['hash']) return { ...own, personal: parsePersonalText(row) }
    return isGenuine(chain, row) ? parseRow(row) : undefined
  }

  /** Those of the rows that are not in the chain, where another node may have sealed them. */
  function* withoutSealed(rows: readonly UnsealedRow[], chain: string): QueryGenerator<UnsealedRow[]> {
    if (rows.length === 0) return []
    const position = Math.min(...rows.map(({ behind }) => behind))
    const sealed = yield* queryRows('SELECT entry FROM audit WHERE chain = :chain AND place > :position', { chain, position })
    const entries = new Set(sealed.map(({ entry }) => entry))
    return rows.filter(({ entry }) => !entries.has(entry))
  }

  const lockName = (chain: string): string => `audit chain ${chain}`

  return {
    /** A row that is to be written. */
    createRow: (chain: string, ticket: number, behind: number, text: AuditText): UnsealedRow => ({
      ...text,
      ticket,
      behind,
      hash: hashUnsealedRow(key, chain, ticket, text.entry),
    }),
    /** Writes a row in the transaction of the change that it is about. */
    *insert(chain: string, { ticket, content, entry, personal, hash }: UnsealedRow): QueryGenerator<void> {
      yield* executeLater(
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
     * Moves the rows of a chain into it, and appends `drafts` behind them. A row that this node has committed and that is gone or changed is
     * written again from memory; a row without the right hash is deleted. Both are reported by an entry.
     * @param known undefined for the chain of another node: then only rows with the right hash are touched, because AUDIT_KEY may be another one
     */
    *seal(writer: AuditWriter, chain: string, drafts: readonly AuditRowDraft[], known?: KnownTail): QueryGenerator<SealedBatch> {
      // One at a time seals a chain. The rows are locked against an erasure.
      yield* lock([lockName(chain)])
      const firstTicket = known?.firstTicket ?? 0
      const [rowsResult = emptyResult, lastResult = emptyResult] = yield* queryTogether([
        selectRows(chain, firstTicket),
        writer.lastRowQuery,
      ])
      const last = writer.parseLast(lastResult)
      const genuine = rowsResult.rows.map((row) => parseGenuine(chain, row, known)).filter((row) => row !== undefined)
      const forged = known ? rowsResult.rows.length - genuine.length : 0
      const moved = known ? rowsResult.rows.map(({ ticket }) => String(ticket)) : genuine.map(({ ticket }) => String(ticket))
      const isComplete = rowsResult.rows.length < rowsPerBatch
      const found = new Set(genuine.map(({ ticket }) => ticket))
      const missing = known && isComplete ? [...known.rows.values()].filter(({ ticket }) => !found.has(ticket)) : []
      const removed = yield* withoutSealed(missing, chain)
      const reports = [
        ...(removed.length > 0 ? [createAuditDraft(removedStatus, { detail: { rows: removed.length } })] : []),
        ...(forged > 0 ? [createAuditDraft(forgedStatus, { detail: { rows: forged } })] : []),
      ]
      const tickets = [...genuine, ...missing].map(({ ticket }) => ticket)
      const items = [...genuine, ...removed, ...reports, ...drafts]
      if (moved.length > 0)
        yield* executeLater(
          `DELETE FROM unsealed_audit WHERE chain = :chain AND ticket >= :firstTicket AND CAST(ticket AS text) IN (${jsonElements('tickets')})`,
          {
            chain,
            firstTicket,
            tickets: JSON.stringify(moved),
          },
        )
      if (items.length === 0) return { entries: [], tickets, position: last.position, isComplete }
      const chained = writer.chainRows(items, last)
      yield* executeLater(chained.updateHead.sql, chained.updateHead.values)
      const rows = JSON.stringify(chained.inserts.map(({ query }) => query.values))
      const [inserted = emptyResult] = yield* queryTogether([{ sql: insertRows, values: { rows }, isLast: true }])
      const entries = chained.inserts.map(({ toEntry }, index) => toEntry({ rows: inserted.rows.slice(index, index + 1), changedRows: 1 }))
      return { entries, tickets, position: chained.last.position, isComplete }
    },

    /**
     * The entries about a transfer, in the order of their time. Those that are not sealed, because their node was stopped or killed, have the
     * number 0 and the hash of an unsealed row.
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

    /** Takes the lock of a chain if it is free. Its node may be stopped in the middle of a sealing. */
    isFree: (chain: string): QueryGenerator<boolean> => tryLock(lockName(chain)),

    /** Counts the rows of all chains, and those without the right hash. */
    *count(): QueryGenerator<{ rows: number; forged: number }> {
      const rows = yield* queryRows(`SELECT chain, ${columns} FROM unsealed_audit`)
      return { rows: rows.length, forged: rows.filter((row) => !isGenuine(String(row['chain']), row)).length }
    },
  }
}
