/** Rows that nobody wrote, forged checkpoints, ends of chains, and whole chains. */
import type { StoredAuditRow } from '../../../src/ledger/ledger.ts'
import {
  hex,
  flipped,
  columns,
  set,
  named,
  into,
  insertion,
  renumbered,
  headMoved,
  headTouched,
  type Kind,
  type Statement,
} from './tampering-hand.ts'

export const tamperingsOfChains: Record<string, Kind> = {
  'a copy of a row at the end': (chance, trail) => {
    const [chain, rows] = chance.of([...trail.chains])
    const row = chance.of(chance.of([...trail.chains.values()]))
    const hash = chance.of([row.hash, hex(chance, 64), String(rows.at(-1)?.hash)])
    const end = { ...row, place: rows.length + 1, hash }
    return { what: `${row.place}`, sql: [insertion(row, chain, end.place, hash), ...headTouched(chance, trail, chain, end)] }
  },
  'a copy of a row in between': (chance, trail) => {
    const [chain, rows] = chance.of([...trail.chains])
    const row = chance.of(chance.of([...trail.chains.values()]))
    const after = chance.below(rows.length)
    return {
      what: `${row.place} after ${after}`,
      sql: [
        ...renumbered(chain, after, 1),
        insertion(row, chain, after + 1),
        ...chance.of<Statement[]>([[], [headMoved(chain, rows.length + 1, String(rows.at(-1)?.hash))]]),
      ],
    }
  },
  'a checkpoint forged': (chance, trail) => {
    const checkpoints = [...trail.chains.values()].flat().filter(({ entry }) => entry.includes('"status":"checkpoint"'))
    const row = chance.of(checkpoints)
    const entry = JSON.parse(row.entry) as { chain: string; detail: Record<string, string | number> }
    const detail = {
      ...entry.detail,
      ...chance.of<object>([
        { rows: chance.below(500) },
        { ends: '', signature: hex(chance, 128) },
        { head: chance.of(checkpoints).hash },
        { signature: flipped(chance, String(entry.detail['signature'])) },
      ]),
    }
    return { what: `${row.place}`, sql: [set(row, 'entry', JSON.stringify({ ...entry, detail }))], names: [named(row)] }
  },
  'a checkpoint copied over another row': (chance, trail) => {
    const rows = [...trail.chains.values()].flat()
    const from = chance.of(rows.filter(({ entry }) => entry.includes('"status":"checkpoint"')))
    const row = chance.of(rows)
    if (row === from) return undefined
    return { what: `${from.place} over ${row.place}`, sql: into(row, from, columns), names: [named(row)] }
  },
  'a head edited': (chance, trail) => {
    const head = chance.of(trail.heads)
    const rows = trail.chains.get(head.chain) as StoredAuditRow[]
    const row = chance.of(rows)
    const [column, value] = chance.of<() => [string, string | number]>([
      () => ['place', chance.of([row.place, 0, -1, rows.length + 1])],
      () => ['hash', chance.of([row.hash, hex(chance, 64)])],
      () => ['seal', chance.of([row.hash, hex(chance, 64), flipped(chance, head.seal), ''])],
      () => ['chain', 'new'],
    ])()
    if (value === head.place || value === head.hash) return undefined
    return { what: `${column}`, sql: [[`UPDATE audit_heads SET ${column} = $1 WHERE chain = $2`, value, head.chain]] }
  },
  'a head set back to a row before': (chance, trail) => {
    const [chain, rows] = chance.of([...trail.chains])
    const row = chance.of(rows.slice(0, -1))
    return { what: `${row.place}`, sql: [headMoved(chain, row.place, row.hash)] }
  },
  'a head deleted': (chance, trail) => {
    const { chain } = chance.of(trail.heads)
    return { what: chain, sql: [['DELETE FROM audit_heads WHERE chain = $1', chain]] }
  },
  'a head too many': (chance, trail) => {
    const { place, hash, seal } = chance.of(trail.heads)
    return {
      what: 'new',
      sql: [
        ['INSERT INTO audit_heads (chain, place, at, hash, seal) VALUES ($1, $2, 0, $3, $4)', 'new', chance.of([place, 0]), hash, seal],
      ],
    }
  },
  'a head copied from another chain': (chance, trail) => {
    const [one, other] = [chance.of(trail.heads), chance.of(trail.heads)]
    if (one === other) return undefined
    const { place, hash, seal } = other
    return {
      what: `${other.chain} to ${one.chain}`,
      sql: [['UPDATE audit_heads SET place = $1, hash = $2, seal = $3 WHERE chain = $4', place, hash, seal, one.chain]],
    }
  },
  'chains deleted with their heads': (chance, trail) => {
    const doomed = [...trail.chains.keys()].filter(() => chance.below(2) === 0)
    if (doomed.length === 0 || doomed.length === trail.chains.size) return undefined
    return {
      what: doomed.join(),
      sql: doomed.flatMap((chain): Statement[] => [
        ['DELETE FROM audit WHERE chain = $1', chain],
        ['DELETE FROM audit_heads WHERE chain = $1', chain],
      ]),
    }
  },
  'a chain under another name': (chance, trail) => {
    const chain = chance.of([...trail.chains.keys()])
    return {
      what: chain,
      sql: [
        ['UPDATE audit SET chain = $1 WHERE chain = $2', 'new', chain],
        ['UPDATE audit_heads SET chain = $1 WHERE chain = $2', 'new', chain],
      ],
    }
  },
}
