/** What somebody who can write the ledger's tables, but has no AUDIT_KEY, may do to the audit trail: any bytes anywhere, also those of other rows. */
import type { SealedHead, StoredAuditRow } from '../../../src/ledger/ledger.ts'

/** SQL with parameters $1, $2 … */
export type Statement = [sql: string, ...values: Array<string | number | null>]
export interface Tampering {
  what: string
  sql: Statement[]
  /** The rows (by what they were or became: seq) that a fault must name; absent: any fault will do. */
  names?: Array<{ chain: string; place: number; seq: number }>
}
export interface Trail {
  /** As written: by chain, in the order of places. */
  chains: Map<string, StoredAuditRow[]>
  heads: SealedHead[]
}
/** A seeded source of chance, so that what was tried can be tried again (mulberry32). */
export interface Dice {
  below(many: number): number
  of<T>(things: readonly T[]): T
}
export function dice(seed: number): Dice {
  let state = seed
  const below = (many: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * many)
  }
  return { below, of: (things) => things[below(things.length)] as (typeof things)[number] }
}

export const hex = (chance: Dice, length: number): string => Array.from({ length }, () => chance.below(16).toString(16)).join('')
/** One character of a text becomes another. */
export function flipped(chance: Dice, text: string): string {
  if (text === '') return 'x'
  const at = chance.below(text.length)
  return text.slice(0, at) + (text[at] === '7' ? '8' : '7') + text.slice(at + 1)
}
/** Somebody who knows the format changes what a row says. */
export const retold = (chance: Dice, entry: string): string =>
  JSON.stringify({
    ...(JSON.parse(entry) as object),
    ...chance.of([{ status: 'picked_up!' }, { caller: 'nobody' }, { latencyMs: 1 }, { timestamp: '2020-01-01T00:00:00.000Z' }]),
  })

export type Column = 'entry' | 'hash' | 'at' | 'transfer_id' | 'conversation_id' | 'personal' | 'place' | 'seq' | 'chain'
export type Kept = Exclude<Column, 'place' | 'seq' | 'chain'>
export const kept: Record<Kept, (row: StoredAuditRow) => string | number | null> = {
  entry: ({ entry }) => entry,
  hash: ({ hash }) => hash,
  at: ({ at }) => at,
  transfer_id: ({ transferId }) => transferId,
  conversation_id: ({ conversationId }) => conversationId,
  personal: ({ personal }) => personal,
}
export const columns = Object.keys(kept) as Kept[]
export const nullable: readonly Column[] = ['transfer_id', 'conversation_id', 'personal']

export const set = ({ chain, place }: StoredAuditRow, column: Column, value: string | number | null): Statement => [
  `UPDATE audit SET ${column} = $1 WHERE chain = $2 AND place = $3`,
  value,
  chain,
  place,
]
export const named = ({ chain, place, seq }: StoredAuditRow) => ({ chain, place, seq })
/** Writes the contents of a row into the place of another. */
export const into = (row: StoredAuditRow, from: StoredAuditRow, which: readonly Kept[]): Statement[] =>
  which.map((column) => set(row, column, kept[column](from)))
export const insertion = (row: StoredAuditRow, chain: string, place: number, hash = row.hash): Statement => [
  'INSERT INTO audit (chain, place, at, transfer_id, conversation_id, entry, personal, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
  chain,
  place,
  row.at,
  row.transferId,
  row.conversationId,
  row.entry,
  row.personal,
  hash,
]
/** Places are unique all the time: they pass through negative ones. */
export const renumbered = (chain: string, after: number, by: number): Statement[] => [
  ['UPDATE audit SET place = -(place + $1) WHERE chain = $2 AND place > $3', by, chain, after],
  ['UPDATE audit SET place = -place WHERE chain = $1 AND place < 0', chain],
]
export const headMoved = (chain: string, place: number, hash: string): Statement => [
  'UPDATE audit_heads SET place = $1, hash = $2 WHERE chain = $3',
  place,
  hash,
  chain,
]

/** What a head may be made into, to go with an end of the chain at `end`. */
export function headTouched(chance: Dice, trail: Trail, chain: string, end: StoredAuditRow | undefined): Statement[] {
  const place = end?.place ?? 0
  const hash = end?.hash ?? '0'.repeat(64)
  return chance.of<() => Statement[]>([
    () => [],
    () => [['DELETE FROM audit_heads WHERE chain = $1', chain]],
    () => [headMoved(chain, place, hash)],
    () => [headMoved(chain, place, hash), ['UPDATE audit_heads SET seal = $1 WHERE chain = $2', hex(chance, 64), chain]],
    () => [headMoved(chain, place, hash), ['UPDATE audit_heads SET seal = $1 WHERE chain = $2', hash, chain]],
    () => [headMoved(chain, place, hash), ['UPDATE audit_heads SET seal = $1 WHERE chain = $2', chance.of(trail.heads).seal, chain]],
  ])()
}

/** Undefined where the chance does not fit the trail: another is drawn. */
export type Kind = (chance: Dice, trail: Trail) => Tampering | undefined
