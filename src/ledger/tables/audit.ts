/** The audit trail's rows: appended inside the change they belong to, chained, read in pages. */
import { chainStart, link } from '../audit-chain.ts'
import type { AuditDraft, AuditEntry } from '../ledger.ts'
import { all, one, type Answered, type Query, type Row, type Steps } from '../steps.ts'

/** The end of a chain: how many rows it has, when the last was written (epoch ms), and its hash. */
export interface Tail {
  place: number
  at: number
  hash: string
}
export const emptyChain: Tail = { place: 0, at: 0, hash: chainStart }

/** A row that is ready to be written, and the entry it is once its answer is there. */
export interface Chained {
  query: Query
  entry: (answered: Answered) => AuditEntry
}

/** A chain's rows are unique by place: two writers that both believe to know its end cannot both be right. */
const insert = `INSERT INTO audit (chain, place, at, transfer_id, conversation_id, entry, hash) VALUES (:chain, :place, :at, :transfer, :conversation, :entry, :hash) RETURNING seq`

const entryOf = (row: Row): AuditEntry => ({
  seq: Number(row['seq']),
  ...(JSON.parse(String(row['entry'])) as Omit<AuditEntry, 'seq' | 'hash'>),
  hash: String(row['hash']),
})

export interface AuditWriter {
  /** Key of the chain's hashes. */
  key: string
  chain: string
  node: string
  clock: () => number
}

export function auditTable({ key, chain, node, clock }: AuditWriter) {
  const chained = (draft: AuditDraft, last: Tail): { row: Chained; tail: Tail } => {
    const now = clock()
    const entry = JSON.stringify({ timestamp: new Date(now).toISOString(), node, chain, ...draft })
    const hash = link(key, last.hash, entry)
    const place = last.place + 1
    // The order of an export is by time and must be that of the chain, though a clock be set back.
    const at = Math.max(now, last.at)
    const values = { chain, place, at, transfer: draft.actionId, conversation: draft.conversationId, entry, hash }
    return {
      row: { query: { sql: insert, values }, entry: ({ rows }) => entryOf({ entry, hash, seq: rows[0]?.['seq'] ?? null }) },
      tail: { place, at, hash },
    }
  }
  const table = {
    *tail(): Steps<Tail> {
      const row = yield* one('SELECT place, at, hash FROM audit WHERE chain = :chain ORDER BY place DESC LIMIT 1', { chain })
      return row ? { place: Number(row['place']), at: Number(row['at']), hash: String(row['hash']) } : emptyChain
    },
    /** Chains drafts to the end of the chain. */
    chain(drafts: AuditDraft[], tail: Tail): { rows: Chained[]; tail: Tail } {
      const rows: Chained[] = []
      let end = tail
      for (const draft of drafts) {
        const next = chained(draft, end)
        rows.push(next.row)
        end = next.tail
      }
      return { rows, tail: end }
    },
    /** Appends rows. */
    *append(drafts: AuditDraft[]): Steps<AuditEntry[]> {
      if (drafts.length === 0) return []
      const entries: AuditEntry[] = []
      for (const { query, entry } of table.chain(drafts, yield* table.tail()).rows) entries.push(entry(yield query))
      return entries
    },
  }
  return table
}
export type AuditTable = ReturnType<typeof auditTable>

export function* entriesOf(transferId: string): Steps<AuditEntry[]> {
  return (yield* all('SELECT * FROM audit WHERE transfer_id = :transferId ORDER BY seq', { transferId })).map(entryOf)
}
/** A place in the trail: entries are in the order of time, and those of one moment in the order of writing. */
export interface Place {
  at: number
  seq: number
}
export interface AuditPage {
  entries: AuditEntry[]
  /** Where the next page starts; undefined: there is none. */
  end: Place | undefined
}

/** At most `limit` entries after a place, and before `until` (epoch ms). */
export function* entriesAfter({ at, seq }: Place, until: number, limit: number): Steps<AuditPage> {
  const rows = yield* all('SELECT * FROM audit WHERE (at, seq) > (:at, :seq) AND at < :until ORDER BY at, seq LIMIT :limit', {
    at,
    seq,
    until,
    limit,
  })
  const last = rows.length < limit ? undefined : rows.at(-1)
  return { entries: rows.map(entryOf), end: last && { at: Number(last['at']), seq: Number(last['seq']) } }
}
