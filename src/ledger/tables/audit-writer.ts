/** Turns audit drafts into rows of a chain: each row's hash covers the row before it, and the sealed head follows the last one. */
import { chainStartHash, hashRow, sealHead, sealPersonalData } from '../audit/chain.ts'
import type { AuditDraft, AuditEntry } from '../contract/audit.ts'
import type { AuditRowDraft } from '../engine/engine.ts'
import { queryRow, type Query, type QueryGenerator, type QueryResult } from '../engine/query.ts'

/** The last row of a chain. */
export interface LastRow {
  /** Counted from 1; 0 when the chain is empty. */
  position: number
  /** Epoch ms. */
  at: number
  hash: string
}
export const emptyChain: LastRow = { position: 0, at: 0, hash: chainStartHash }

/** The query that inserts a row, and how its result completes the entry. */
export interface AuditInsert {
  query: Query
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
  /** Whether the database reports a row's number without being asked. Asking for it makes an insert half as slow again. */
  reportsRowNumbers?: boolean
}

/** The positions of a chain are unique in the database: of two writers that both extend the same last row, one fails. */
const insertRow =
  'INSERT INTO audit (chain, place, at, transfer_id, conversation_id, entry, personal, hash) VALUES (:chain, :position, :at, :transfer, :conversation, :entry, :personal, :hash)'
const upsertHead = `INSERT INTO audit_heads (chain, place, at, hash, seal) VALUES (:chain, :position, :at, :hash, :seal)
  ON CONFLICT (chain) DO UPDATE SET place = excluded.place, at = excluded.at, hash = excluded.hash, seal = excluded.seal`

export function createAuditWriter({ key, chain, nodeId, clock, reportsRowNumbers = false }: AuditWriterOptions) {
  const sql = reportsRowNumbers ? insertRow : `${insertRow} RETURNING seq`

  function chainRow({ personal, ...draft }: AuditDraft, last: LastRow): { insert: AuditInsert; last: LastRow } {
    const now = clock()
    const sealed = personal && Object.keys(personal).length > 0 ? sealPersonalData(key, personal) : undefined
    const content = { timestamp: new Date(now).toISOString(), node: nodeId, chain, ...draft, ...(sealed && { sealed: sealed.seal }) }
    const entry = JSON.stringify(content)
    const hash = hashRow(key, last.hash, entry)
    const position = last.position + 1
    // An export is ordered by time, and must keep the order of the chain even when the clock was set back.
    const at = Math.max(now, last.at)
    const values = {
      chain,
      position,
      at,
      transfer: draft.actionId,
      conversation: draft.conversationId,
      entry,
      personal: sealed?.text ?? null,
      hash,
    }
    const toEntry = ({ rows, lastRowNumber }: QueryResult): AuditEntry => ({
      seq: Number(rows[0]?.['seq'] ?? lastRowNumber),
      ...content,
      personal: sealed && personal ? personal : null,
      hash,
    })
    return { insert: { query: { sql, values }, toEntry }, last: { position, at, hash } }
  }

  return {
    /** Reads the last row of the chain. */
    *readLast(): QueryGenerator<LastRow> {
      const row = yield* queryRow('SELECT place, at, hash FROM audit WHERE chain = :chain ORDER BY place DESC LIMIT 1', { chain })
      return row ? { position: Number(row['place']), at: Number(row['at']), hash: String(row['hash']) } : emptyChain
    },
    /** Chains drafts to the last row. */
    chainRows(drafts: readonly AuditRowDraft[], lastRow: LastRow): ChainedRows {
      const inserts: AuditInsert[] = []
      let last = lastRow
      for (const rowDraft of drafts) {
        const draft = typeof rowDraft === 'function' ? rowDraft({ chain, position: last.position, hash: last.hash }) : rowDraft
        const chained = chainRow(draft, last)
        inserts.push(chained.insert)
        last = chained.last
      }
      const head = { chain, position: last.position, hash: last.hash }
      return { inserts, updateHead: { sql: upsertHead, values: { ...head, at: last.at, seal: sealHead(key, head) } }, last }
    },
  }
}
export type AuditWriter = ReturnType<typeof createAuditWriter>
