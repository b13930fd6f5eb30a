/** SQL statements of an attacker who can write the database but does not have AUDIT_KEY: any bytes anywhere, also copies of other rows. */
import type { SealedHead, StoredAuditRow } from '../../../src/ledger/contract/audit.ts'
import type { Random } from './random.ts'

/** SQL with parameters $1, $2 … */
export type Statement = [sql: string, ...values: Array<string | number | null>]

/** A row as a fault names it. */
export interface RowName {
  chain: string
  place: number
  seq: number
}
export interface Tampering {
  description: string
  statements: Statement[]
  /** The rows, as they are after the tampering, that faults must name; absent: any fault is enough. */
  expectedRows?: RowName[]
}
/** The audit trail as it was written. */
export interface Trail {
  /** Rows by chain, in the order of their positions. */
  chains: Map<string, StoredAuditRow[]>
  heads: SealedHead[]
}
/** Creates a tampering of one kind; undefined: the random choice does not fit the trail, and another one must be made. */
export type TamperingKind = (random: Random, trail: Trail) => Tampering | undefined

export const randomHex = (random: Random, length: number): string => Array.from({ length }, () => random.below(16).toString(16)).join('')
/** Replaces one character of a text. */
export function flipCharacter(random: Random, text: string): string {
  if (text === '') return 'x'
  const index = random.below(text.length)
  return text.slice(0, index) + (text[index] === '7' ? '8' : '7') + text.slice(index + 1)
}
/** Changes what an entry says, and keeps its format. */
export const editEntry = (random: Random, entry: string): string =>
  JSON.stringify({
    ...(JSON.parse(entry) as object),
    ...random.pick([{ status: 'picked_up!' }, { caller: 'nobody' }, { latencyMs: 1 }, { timestamp: '2020-01-01T00:00:00.000Z' }]),
  })

export type Column = 'entry' | 'hash' | 'at' | 'transfer_id' | 'conversation_id' | 'personal' | 'place' | 'seq' | 'chain'
/** The columns that do not name a row's position. */
export type ContentColumn = Exclude<Column, 'place' | 'seq' | 'chain'>
/** The value of each content column in a row. */
export const contentOf: Record<ContentColumn, (row: StoredAuditRow) => string | number | null> = {
  entry: ({ entry }) => entry,
  hash: ({ hash }) => hash,
  at: ({ at }) => at,
  transfer_id: ({ transferId }) => transferId,
  conversation_id: ({ conversationId }) => conversationId,
  personal: ({ personal }) => personal,
}
export const contentColumns = Object.keys(contentOf) as ContentColumn[]
export const nullableColumns: readonly Column[] = ['transfer_id', 'conversation_id', 'personal']

export const setColumn = ({ chain, position }: StoredAuditRow, column: Column, value: string | number | null): Statement => [
  `UPDATE audit SET ${column} = $1 WHERE chain = $2 AND place = $3`,
  value,
  chain,
  position,
]
export const nameRow = ({ chain, position, seq }: StoredAuditRow): RowName => ({ chain, place: position, seq })
/** Writes the content of `source` into `row`. */
export const copyContent = (row: StoredAuditRow, source: StoredAuditRow, columns: readonly ContentColumn[]): Statement[] =>
  columns.map((column) => setColumn(row, column, contentOf[column](source)))
export const insertRow = (row: StoredAuditRow, chain: string, position: number, hash = row.hash): Statement => [
  'INSERT INTO audit (chain, place, at, transfer_id, conversation_id, entry, personal, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
  chain,
  position,
  row.at,
  row.transferId,
  row.conversationId,
  row.entry,
  row.personal,
  hash,
]
/** Adds `offset` to the positions after `position`. Positions are unique at all times, so they become negative first. */
export const renumberAfter = (chain: string, position: number, offset: number): Statement[] => [
  ['UPDATE audit SET place = -(place + $1) WHERE chain = $2 AND place > $3', offset, chain, position],
  ['UPDATE audit SET place = -place WHERE chain = $1 AND place < 0', chain],
]
export const moveHead = (chain: string, position: number, hash: string): Statement => [
  'UPDATE audit_heads SET place = $1, hash = $2 WHERE chain = $3',
  position,
  hash,
  chain,
]

/** One of several ways to make the head fit a chain that ends with `lastRow`. */
export function changeHead(random: Random, trail: Trail, chain: string, lastRow: StoredAuditRow | undefined): Statement[] {
  const position = lastRow?.position ?? 0
  const hash = lastRow?.hash ?? '0'.repeat(64)
  const moveTo = moveHead(chain, position, hash)
  return random.pick<() => Statement[]>([
    () => [],
    () => [['DELETE FROM audit_heads WHERE chain = $1', chain]],
    () => [moveTo],
    () => [moveTo, ['UPDATE audit_heads SET seal = $1 WHERE chain = $2', randomHex(random, 64), chain]],
    () => [moveTo, ['UPDATE audit_heads SET seal = $1 WHERE chain = $2', hash, chain]],
    () => [moveTo, ['UPDATE audit_heads SET seal = $1 WHERE chain = $2', random.pick(trail.heads).seal, chain]],
  ])()
}
