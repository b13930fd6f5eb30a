/** Reads the table of audit rows: as entries for callers, as changes of transfers in the order of their numbers, and as stored rows for verification. */
import type { AuditEntry, AuditFilter, ChainHead, SealedHead, StoredAuditRow } from '../contract/audit.ts'
import type { NumberedChange } from '../contract/changes.ts'
import type { Dialect } from '../engine/engine.ts'
import { execute, queryRow, queryRows, type QueryGenerator, type Row } from '../engine/query.ts'
import { parseContent, parsePersonalData } from './audit-text.ts'
import { createWhereClause } from './paging.ts'

/** A position in the export: entries are ordered by time, and those of the same millisecond by row number. */
export interface AuditCursor {
  /** Epoch ms. */
  at: number
  seq: number
}
export interface AuditPage {
  entries: AuditEntry[]
  /** Where the next page begins; undefined on the last page. */
  nextCursor: AuditCursor | undefined
}

/** The ledger writes only text and null into these columns. Any other value is forged, and becomes a text that no verification accepts. */
const textOrNull = (value: unknown): string | null => (value === null || typeof value === 'string' ? value : 'not text')

export function parseEntry(row: Row): AuditEntry {
  const { detail, ...content } = parseContent(String(row['entry']))
  const { personal, freeText } = parsePersonalData(textOrNull(row['personal']))
  return { seq: Number(row['seq']), ...content, detail: { ...detail, ...freeText }, personal, hash: String(row['hash']) }
}
const parseHead = (row: Row): ChainHead => ({ chain: String(row['chain']), position: Number(row['place']), hash: String(row['hash']) })
const parseStoredRow = (row: Row): StoredAuditRow => ({
  ...parseHead(row),
  seq: Number(row['seq']),
  at: Number(row['at']),
  transferId: textOrNull(row['transfer_id']),
  conversationId: textOrNull(row['conversation_id']),
  entry: String(row['entry']),
  personal: textOrNull(row['personal']),
})

/** At most `limit` entries after the cursor and before `until` (epoch ms), in the order of the export. */
export function* readEntriesAfter(
  { at, seq }: AuditCursor,
  { until, conversationId }: Pick<AuditFilter, 'until' | 'conversationId'>,
  limit: number,
): QueryGenerator<AuditPage> {
  const { where, values } = createWhereClause({ 'conversation_id = :conversationId': conversationId })
  const rows = yield* queryRows(
    `SELECT * FROM audit WHERE (at, seq) > (:at, :seq) AND at < :until AND ${where} ORDER BY at, seq LIMIT :limit`,
    { ...values, at, seq, until, limit },
  )
  const last = rows.length < limit ? undefined : rows.at(-1)
  return { entries: rows.map(parseEntry), nextCursor: last && { at: Number(last['at']), seq: Number(last['seq']) } }
}

function parseChange(row: Row): NumberedChange {
  const { actionId, timestamp, status, stage, code } = parseContent(String(row['entry']))
  return { seq: Number(row['seq']), transferId: actionId, at: timestamp, status, stage, code }
}

/** The number of the last row; 0 if there is none. */
export function* findLastNumber(): QueryGenerator<number> {
  return Number((yield* queryRow('SELECT max(seq) AS last FROM audit'))?.['last'] ?? 0)
}

/** The rows with the numbers in `missing`, and at most `limit` rows with a number above `after`, in the order of their numbers. */
export function* readChangesAfter(
  after: number,
  limit: number,
  missing: readonly number[],
  { json, jsonElementsOf }: Pick<Dialect, 'json' | 'jsonElementsOf'>,
): QueryGenerator<NumberedChange[]> {
  const numbers = `SELECT CAST(value AS bigint) FROM (${jsonElementsOf(json(':missing'))}) AS numbers`
  const late =
    missing.length === 0
      ? []
      : yield* queryRows(`SELECT seq, entry FROM audit WHERE seq IN (${numbers})`, { missing: JSON.stringify(missing.map(String)) })
  const rows = yield* queryRows('SELECT seq, entry FROM audit WHERE seq > :after ORDER BY seq LIMIT :limit', { after, limit })
  return [...late, ...rows].map(parseChange)
}

/** When the newest row was written, ISO 8601; null: there is none. */
export function* findNewestTime(): QueryGenerator<string | null> {
  const at = (yield* queryRow('SELECT max(at) AS at FROM audit'))?.['at'] ?? null
  return at === null ? null : new Date(Number(at)).toISOString()
}

/** Every chain that has rows or a stored head. `head` is null if it is missing. */
export function* listChains(): QueryGenerator<Array<{ chain: string; head: SealedHead | null }>> {
  const rows = yield* queryRows(
    `SELECT coalesce(c.chain, h.chain) AS chain, h.place, h.hash, h.seal FROM (SELECT chain FROM audit GROUP BY chain) c FULL JOIN audit_heads h ON h.chain = c.chain ORDER BY 1`,
  )
  return rows.map((row) => ({
    chain: String(row['chain']),
    head: row['seal'] === null ? null : { ...parseHead(row), seal: String(row['seal']) },
  }))
}

/** The heads of the `limit` chains that were written last. */
export function* listSealedHeads(limit: number): QueryGenerator<SealedHead[]> {
  const rows = yield* queryRows('SELECT chain, place, hash, seal FROM audit_heads ORDER BY at DESC, chain LIMIT :limit', { limit })
  return rows.map((row) => ({ ...parseHead(row), seal: String(row['seal']) }))
}

/** How many heads of other chains a checkpoint holds: those of the chains that were written last. */
const otherHeadsInCheckpoint = 50

/** The heads of other chains, for a checkpoint in `chain`. */
export function* listOtherHeads(chain: string): QueryGenerator<ChainHead[]> {
  return (yield* queryRows('SELECT chain, place, hash FROM audit_heads WHERE chain <> :chain ORDER BY at DESC, chain LIMIT :limit', {
    chain,
    limit: otherHeadsInCheckpoint,
  })).map(parseHead)
}

/** Numbers are read as text, because a row that was tampered with may contain one that a JavaScript number cannot hold. */
const storedColumns =
  'CAST(seq AS text) AS seq, chain, CAST(place AS text) AS place, CAST(at AS text) AS at, transfer_id, conversation_id, entry, personal, hash'

/** At most `limit` rows of a chain that follow the row `after`, or from the first row if it is undefined. Positions may be missing or occur twice. */
export function* readStoredAfter(
  chain: string,
  after: Pick<StoredAuditRow, 'position' | 'seq'> | undefined,
  limit: number,
): QueryGenerator<StoredAuditRow[]> {
  const isAfter = after ? 'AND (place, seq) > (:position, :seq)' : ''
  return (yield* queryRows(
    `SELECT ${storedColumns} FROM audit WHERE chain = :chain ${isAfter} ORDER BY audit.place, audit.seq LIMIT :limit`,
    { chain, ...after, limit },
  )).map(parseStoredRow)
}

export function* findStoredRow(chain: string, position: number): QueryGenerator<StoredAuditRow | undefined> {
  const row = yield* queryRow(`SELECT ${storedColumns} FROM audit WHERE chain = :chain AND place = :position LIMIT 1`, { chain, position })
  return row && parseStoredRow(row)
}

/** The rows about a conversation. Rows that have no position in their chain yet are included, with the position 0. */
export function* findStoredRows(conversationId: string): QueryGenerator<StoredAuditRow[]> {
  return (yield* queryRows(
    `SELECT ${storedColumns} FROM audit WHERE conversation_id = :conversationId
     UNION ALL SELECT '0', chain, '0', '0', NULL, conversation_id, entry, personal, hash FROM unsealed_audit WHERE conversation_id = :conversationId`,
    { conversationId },
  )).map(parseStoredRow)
}

/** Erases the personal data of a conversation's rows, sealed or not. @returns how many had any */
export function* erasePersonalData(conversationId: string): QueryGenerator<number> {
  const setAndWhere = 'SET personal = NULL WHERE conversation_id = :conversationId AND personal IS NOT NULL'
  // In this order, because a row that is sealed meanwhile moves from the first table to the second.
  const unsealed = yield* execute(`UPDATE unsealed_audit ${setAndWhere}`, { conversationId })
  return unsealed + (yield* execute(`UPDATE audit ${setAndWhere}`, { conversationId }))
}
