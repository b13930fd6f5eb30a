/** Turns audit drafts into rows of a chain: each row's hash covers the row before it, and the sealed head follows the last one. */
import { chainStartHash, hashRow, sealHead, sealPersonalData } from '../audit/chain.ts'
import type { AuditDraft, AuditEntry } from '../contract/audit.ts'
import type { AuditRowDraft } from '../engine/engine.ts'
import type { Query, QueryResult } from '../engine/query.ts'
import { parsePersonalData, type AuditText } from './audit-text.ts'

/** The last row of a chain. */
export interface LastRow {
  /** Counted from 1; 0 when the chain is empty. */
  position: number
  /** Epoch ms. */
  at: number
  hash: string
}
const emptyChain: LastRow = { position: 0, at: 0, hash: chainStartHash }

export interface AuditInsert {
  /** The query that inserts a row. */
  query: Query
  /** Creates the row's entry from the result of the query. The entry has no free text, because it is logged. */
  toEntry: (result: QueryResult) => AuditEntry
}

export interface ChainedRows {
  inserts: AuditInsert[]
  /** The query that writes the chain's new head. */
  updateHead: Query
  last: LastRow
}

export interface AuditWriterOptions {
  /** Key of the chain's hashes. */
  key: string
  chain: string
  nodeId: string
  /** Epoch ms. */
  clock: () => number
  /** Whether the database reports a row's number without being asked. Asking for it makes an insert about 50 % slower. */
  reportsRowNumbers?: boolean
}

/** The positions of a chain are unique in the database: of two writers that both extend the same last row, one fails. */
const insertRow =
  'INSERT INTO audit (chain, place, at, transfer_id, conversation_id, entry, personal, hash) VALUES (:chain, :position, :at, :transfer, :conversation, :entry, :personal, :hash)'
const upsertHead = `INSERT INTO audit_heads (chain, place, at, hash, seal) VALUES (:chain, :position, :at, :hash, :seal)
  ON CONFLICT (chain) DO UPDATE SET place = excluded.place, at = excluded.at, hash = excluded.hash, seal = excluded.seal`

export function createAuditWriter({ key, chain, nodeId, clock, reportsRowNumbers = false }: AuditWriterOptions) {
  const sql = reportsRowNumbers ? insertRow : `${insertRow} RETURNING seq`

  function createText({ personal, freeText, ...draft }: AuditDraft): AuditText {
    const hasFreeText = freeText !== undefined && Object.keys(freeText).length > 0
    const erasable = { ...personal, ...(hasFreeText && { freeText }) }
    const sealed = Object.keys(erasable).length > 0 ? sealPersonalData(key, erasable) : undefined
    const content = { timestamp: new Date(clock()).toISOString(), node: nodeId, chain, ...draft, ...(sealed && { sealed: sealed.seal }) }
    return { content, entry: JSON.stringify(content), personal: sealed?.text ?? null }
  }

  function chainRow({ content, entry, personal }: AuditText, last: LastRow): { insert: AuditInsert; last: LastRow } {
    const hash = hashRow(key, last.hash, entry)
    const position = last.position + 1
    // An export is ordered by time, and must keep the order of the chain even when the clock was set back.
    const at = Math.max(Date.parse(content.timestamp), last.at)
    const values = { chain, position, at, transfer: content.actionId, conversation: content.conversationId, entry, personal, hash }
    const toEntry = ({ rows, lastRowNumber }: QueryResult): AuditEntry => ({
      seq: Number(rows[0]?.['seq'] ?? lastRowNumber),
      ...content,
      personal: parsePersonalData(personal).personal,
      hash,
    })
    return { insert: { query: { sql, values }, toEntry }, last: { position, at, hash } }
  }

  return {
    /** The last row of the chain; `parseLast` reads its result. */
    lastRowQuery: { sql: 'SELECT place, at, hash FROM audit WHERE chain = :chain ORDER BY place DESC LIMIT 1', values: { chain } },
    parseLast: ({ rows: [row] }: QueryResult): LastRow =>
      row ? { position: Number(row['place']), at: Number(row['at']), hash: String(row['hash']) } : emptyChain,
    /** Creates the text of an entry as it will be stored. Its time is now. */
    createText,
    /** Creates the rows for texts and drafts, in this order, after the last row of the chain. */
    chainRows(items: ReadonlyArray<AuditText | AuditRowDraft>, lastRow: LastRow): ChainedRows {
      const inserts: AuditInsert[] = []
      let last = lastRow
      for (const item of items) {
        const draft = typeof item === 'function' ? item({ chain, position: last.position, hash: last.hash }) : item
        const chained = chainRow('entry' in draft ? draft : createText(draft), last)
        inserts.push(chained.insert)
        last = chained.last
      }
      const head = { chain, position: last.position, hash: last.hash }
      return { inserts, updateHead: { sql: upsertHead, values: { ...head, at: last.at, seal: sealHead(key, head) } }, last }
    },
  }
}
export type AuditWriter = ReturnType<typeof createAuditWriter>
