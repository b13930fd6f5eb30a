/** Rows edited, deleted, moved and swapped. */
import type { StoredAuditRow } from '../../../src/ledger/ledger.ts'
import {
  hex,
  flipped,
  retold,
  kept,
  columns,
  nullable,
  set,
  named,
  into,
  renumbered,
  headMoved,
  headTouched,
  type Kept,
  type Kind,
  type Statement,
} from './tampering-hand.ts'

export const tamperingsOfRows: Record<string, Kind> = {
  'one column edited': (chance, trail) => {
    const rows = chance.of([...trail.chains.values()])
    const row = chance.of(rows)
    const column = chance.of(columns)
    const old = kept[column](row)
    const value = chance.of<() => string | number | null>([
      () => kept[column](chance.of(rows)),
      () => (typeof old === 'number' ? old + chance.of([-1, 1, 1_000, -3_600_000]) : flipped(chance, old ?? '')),
      () => (typeof old === 'number' ? 0 : `${old ?? ''} `),
      () => (nullable.includes(column) ? null : typeof old === 'number' ? -old : ''),
      () => (column === 'entry' ? retold(chance, row.entry) : typeof old === 'number' ? old * 2 : hex(chance, 64)),
    ])()
    if (value === old) return undefined
    return { what: `${column} of ${row.chain}/${row.place}`, sql: [set(row, column, value)], names: [named(row)] }
  },
  'an entry edited and its hash with it': (chance, trail) => {
    const rows = chance.of([...trail.chains.values()])
    const row = chance.of(rows)
    const hash = chance.of([hex(chance, 64), chance.of(rows).hash])
    return { what: `${row.place}`, sql: [set(row, 'entry', retold(chance, row.entry)), set(row, 'hash', hash)], names: [named(row)] }
  },
  'a row out of the order of writing': (chance, trail) => {
    const rows = chance.of([...trail.chains.values()])
    const row = chance.of(rows.slice(1, -1))
    const next = rows[row.place] as StoredAuditRow
    const beyond = 1_000_000 + chance.below(1_000)
    const seq = chance.of([-chance.below(1_000) - 1, beyond])
    // Where the store's count must be the chain's, the row itself shows it; elsewhere only that the next is no later.
    const became = seq === beyond && row.chain !== 'main' ? next : { ...row, seq }
    return { what: `seq ${row.seq} becomes ${seq}`, sql: [set(row, 'seq', seq)], names: [named(became)] }
  },
  'a place edited': (chance, trail) => {
    const rows = chance.of([...trail.chains.values()])
    const row = chance.of(rows)
    const place = chance.of([-row.place, 0, rows.length + 1 + chance.below(50)])
    const next = rows[row.place]
    if (place < 1) return { what: `${row.place} becomes ${place}`, sql: [set(row, 'place', place)], names: [{ ...named(row), place }] }
    if (!next && place === rows.length + 1) return { what: 'the last', sql: [set(row, 'place', place)], names: [{ ...named(row), place }] }
    return { what: `${row.place} becomes ${place}`, sql: [set(row, 'place', place)], ...(next && { names: [named(next)] }) }
  },
  'a row given to another chain': (chance, trail) => {
    const row = chance.of(chance.of([...trail.chains.values()]))
    const chain = chance.of([...trail.chains.keys(), 'new'])
    if (chain === row.chain) return undefined
    const place = (trail.chains.get(chain)?.length ?? 0) + 1
    return {
      what: `${row.chain}/${row.place}`,
      sql: [set(row, 'place', 1_000_000), [`UPDATE audit SET chain = $1, place = $2 WHERE place = 1000000`, chain, place]],
    }
  },
  'rows deleted': (chance, trail) => {
    const [chain, rows] = chance.of([...trail.chains])
    const first = chance.of([1, 1 + chance.below(rows.length), 1 + chance.below(rows.length)])
    const last = Math.min(rows.length, first + chance.of([0, chance.below(5), chance.below(rows.length), rows.length]))
    if (first === 1 && last === rows.length) return undefined
    const next = rows[last]
    return {
      what: `${first} to ${last} of ${rows.length}`,
      sql: [
        ['DELETE FROM audit WHERE chain = $1 AND place >= $2 AND place <= $3', chain, first, last],
        ...(next ? [] : headTouched(chance, trail, chain, rows[first - 2])),
      ],
      ...(next && { names: [named(next)] }),
    }
  },
  'rows deleted and the rest numbered anew': (chance, trail) => {
    const [chain, rows] = chance.of([...trail.chains])
    const first = 1 + chance.below(rows.length - 1)
    const many = 1 + chance.below(Math.min(5, rows.length - first))
    const last = rows.at(-1) as StoredAuditRow
    const next = rows[first - 1 + many] as StoredAuditRow
    return {
      what: `${many} from ${first}`,
      sql: [
        ['DELETE FROM audit WHERE chain = $1 AND place >= $2 AND place < $3', chain, first, first + many],
        ...renumbered(chain, first + many - 1, -many),
        ...chance.of<Statement[]>([[], [headMoved(chain, rows.length - many, last.hash)]]),
      ],
      names: [{ ...named(next), place: first }],
    }
  },
  'the contents of two rows swapped': (chance, trail) => {
    const [one, other] = [chance.of(chance.of([...trail.chains.values()])), chance.of(chance.of([...trail.chains.values()]))]
    if (one === other) return undefined
    const which = chance.of<readonly Kept[]>([columns, ['entry'], ['entry', 'hash'], ['entry', 'hash', 'personal'], ['hash']])
    const first = one.chain === other.chain && one.place > other.place ? other : one
    return {
      what: `${one.place} and ${other.place}: ${which.join()}`,
      sql: [...into(one, other, which), ...into(other, one, which)],
      names: [named(first)],
    }
  },
  'the places of two rows swapped': (chance, trail) => {
    const rows = chance.of([...trail.chains.values()])
    const [one, other] = [chance.of(rows), chance.of(rows)]
    if (one.place >= other.place) return undefined
    return {
      what: `${one.place} and ${other.place}`,
      sql: [set(one, 'place', -1), set(other, 'place', one.place), [`UPDATE audit SET place = $1 WHERE place = -1`, other.place]],
      names: [{ chain: one.chain, place: one.place, seq: other.seq }],
    }
  },
  'the personal parts of two rows swapped': (chance, trail) => {
    const rows = [...trail.chains.values()].flat().filter(({ personal }) => personal !== null)
    const [one, other] = [chance.of(rows), chance.of(rows)]
    if (one === other) return undefined
    const first = one.chain === other.chain && one.place > other.place ? other : one
    return {
      what: `${one.place} and ${other.place}`,
      sql: [...into(one, other, ['personal']), ...into(other, one, ['personal'])],
      names: [named(first)],
    }
  },
  'a personal part taken out': (chance, trail) => {
    const row = chance.of([...trail.chains.values()].flat().filter(({ personal }) => personal !== null))
    return { what: `${row.place}`, sql: [set(row, 'personal', null)], names: [named(row)] }
  },
}
