/** The audit trail's rows: appended inside the change they belong to, chained, read in pages. */
import { chainStart, link, sealed, sealOfHead } from '../audit/chain.ts'
import type { AuditDraft, AuditEntry, AuditSpan, ChainHead, SealedHead, StoredAuditRow } from '../ledger.ts'
import { all, one, run, type Answered, type AuditRowDraft, type Query, type Row, type QueryGenerator } from '../steps.ts'
import { conditions } from './paging.ts'

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
const insert =
  'INSERT INTO audit (chain, place, at, transfer_id, conversation_id, entry, personal, hash) VALUES (:chain, :place, :at, :transfer, :conversation, :entry, :personal, :hash)'
const moveHead = `INSERT INTO audit_heads (chain, place, at, hash, seal) VALUES (:chain, :place, :at, :hash, :seal)
  ON CONFLICT (chain) DO UPDATE SET place = excluded.place, at = excluded.at, hash = excluded.hash, seal = excluded.seal`

/** What is neither text nor null was not written by us, and is told as what it is. */
const textOrNull = (value: unknown): string | null => (value === null || typeof value === 'string' ? value : 'not text')

function personalIn(text: string | null): Record<string, string> | null {
  if (text === null) return null
  const { salt: _, ...personal } = JSON.parse(text) as Record<string, string>
  return personal
}
const entryOf = (row: Row): AuditEntry => ({
  seq: Number(row['seq']),
  ...(JSON.parse(String(row['entry'])) as Omit<AuditEntry, 'seq' | 'hash' | 'personal'>),
  personal: personalIn(textOrNull(row['personal'])),
  hash: String(row['hash']),
})
const storedOf = (row: Row): StoredAuditRow => ({
  seq: Number(row['seq']),
  chain: String(row['chain']),
  place: Number(row['place']),
  at: Number(row['at']),
  transferId: textOrNull(row['transfer_id']),
  conversationId: textOrNull(row['conversation_id']),
  entry: String(row['entry']),
  personal: textOrNull(row['personal']),
  hash: String(row['hash']),
})

export interface AuditWriter {
  /** Key of the chain's hashes. */
  key: string
  chain: string
  node: string
  clock: () => number
  /** The database tells a row's number unasked; asking for it makes the writing of a row half as dear again. */
  tellsRowNumbers?: boolean
}

export function auditTable({ key, chain, node, clock, tellsRowNumbers = false }: AuditWriter) {
  const sql = tellsRowNumbers ? insert : `${insert} RETURNING seq`
  const chained = ({ personal, ...draft }: AuditDraft, last: Tail): { row: Chained; tail: Tail } => {
    const now = clock()
    const kept = personal && Object.keys(personal).length > 0 ? sealed(key, personal) : undefined
    const told = { timestamp: new Date(now).toISOString(), node, chain, ...draft, ...(kept && { sealed: kept.seal }) }
    const entry = JSON.stringify(told)
    const hash = link(key, last.hash, entry)
    const place = last.place + 1
    // The order of an export is by time and must be that of the chain, though a clock be set back.
    const at = Math.max(now, last.at)
    const values = {
      chain,
      place,
      at,
      transfer: draft.actionId,
      conversation: draft.conversationId,
      entry,
      personal: kept?.personal ?? null,
      hash,
    }
    return {
      row: {
        query: { sql, values },
        entry: ({ rows, rowNumber }) => ({
          seq: Number(rows[0]?.['seq'] ?? rowNumber),
          ...told,
          personal: kept && personal ? personal : null,
          hash,
        }),
      },
      tail: { place, at, hash },
    }
  }
  const table = {
    *tail(): QueryGenerator<Tail> {
      const row = yield* one('SELECT place, at, hash FROM audit WHERE chain = :chain ORDER BY place DESC LIMIT 1', { chain })
      return row ? { place: Number(row['place']), at: Number(row['at']), hash: String(row['hash']) } : emptyChain
    },
    /** Chains drafts to the end of the chain, and moves its head. */
    chain(drafts: AuditRowDraft[], tail: Tail): { rows: Chained[]; head: Query; tail: Tail } {
      const rows: Chained[] = []
      let end = tail
      for (const drafted of drafts) {
        const draft = typeof drafted === 'function' ? drafted({ chain, place: end.place, hash: end.hash }) : drafted
        const next = chained(draft, end)
        rows.push(next.row)
        end = next.tail
      }
      const head = { chain, place: end.place, hash: end.hash }
      return { rows, head: { sql: moveHead, values: { ...head, at: end.at, seal: sealOfHead(key, head) } }, tail: end }
    },
  }
  return table
}
export type AuditTable = ReturnType<typeof auditTable>

export function* entriesOf(transferId: string): QueryGenerator<AuditEntry[]> {
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

/** At most `limit` entries after a place, of a span and a conversation. */
export function* entriesAfter(
  { at, seq }: Place,
  { until, conversationId }: Pick<AuditSpan, 'until' | 'conversationId'>,
  limit: number,
): QueryGenerator<AuditPage> {
  const { where, values } = conditions({ 'conversation_id = :conversationId': conversationId })
  const rows = yield* all(`SELECT * FROM audit WHERE (at, seq) > (:at, :seq) AND at < :until AND ${where} ORDER BY at, seq LIMIT :limit`, {
    ...values,
    at,
    seq,
    until,
    limit,
  })
  const last = rows.length < limit ? undefined : rows.at(-1)
  return { entries: rows.map(entryOf), end: last && { at: Number(last['at']), seq: Number(last['seq']) } }
}

/** Every chain that has rows or a head. */
export function* chains(): QueryGenerator<Array<{ chain: string; head: SealedHead | null }>> {
  const rows = yield* all(
    `SELECT coalesce(c.chain, h.chain) AS chain, h.place, h.hash, h.seal FROM (SELECT chain FROM audit GROUP BY chain) c FULL JOIN audit_heads h ON h.chain = c.chain ORDER BY 1`,
  )
  return rows.map(({ chain, place, hash, seal }) => ({
    chain: String(chain),
    head: seal === null ? null : { chain: String(chain), place: Number(place), hash: String(hash), seal: String(seal) },
  }))
}
/** So many ends of other chains a checkpoint tells of: those that moved last. */
const endsTold = 50
export function* endsBeside(chain: string): QueryGenerator<ChainHead[]> {
  const rows = yield* all('SELECT chain, place, hash FROM audit_heads WHERE chain <> :chain ORDER BY at DESC, chain LIMIT :limit', {
    chain,
    limit: endsTold,
  })
  return rows.map((row) => ({ chain: String(row['chain']), place: Number(row['place']), hash: String(row['hash']) }))
}

/** Numbers as text: one that was written by somebody else may be too large to be one. */
const asStored =
  'CAST(seq AS text) AS seq, chain, CAST(place AS text) AS place, CAST(at AS text) AS at, transfer_id, conversation_id, entry, personal, hash'
/** At most `limit` rows of a chain after one of them, as they are stored, whatever their places; undefined: from the first. */
export function* storedAfter(
  chain: string,
  after: Pick<StoredAuditRow, 'place' | 'seq'> | undefined,
  limit: number,
): QueryGenerator<StoredAuditRow[]> {
  const rest = after ? 'AND (place, seq) > (:place, :seq)' : ''
  return (yield* all(`SELECT ${asStored} FROM audit WHERE chain = :chain ${rest} ORDER BY audit.place, audit.seq LIMIT :limit`, {
    chain,
    ...after,
    limit,
  })).map(storedOf)
}
export function* storedAt(chain: string, place: number): QueryGenerator<StoredAuditRow | undefined> {
  const row = yield* one(`SELECT ${asStored} FROM audit WHERE chain = :chain AND place = :place LIMIT 1`, { chain, place })
  return row && storedOf(row)
}
export function* storedOfConversation(conversationId: string): QueryGenerator<StoredAuditRow[]> {
  return (yield* all(`SELECT ${asStored} FROM audit WHERE conversation_id = :conversationId`, { conversationId })).map(storedOf)
}
/** Takes the personal part out of a conversation's rows. How many had one. */
export function* erasePersonal(conversationId: string): QueryGenerator<number> {
  return yield* run('UPDATE audit SET personal = NULL WHERE conversation_id = :conversationId AND personal IS NOT NULL', { conversationId })
}
