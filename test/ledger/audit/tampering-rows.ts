/** Kinds of tampering with rows: edited, deleted, moved and swapped. */
import type { StoredAuditRow } from '../../../src/ledger/contract/audit.ts'
import {
  changeHead,
  contentColumns,
  contentOf,
  copyContent,
  editEntry,
  flipCharacter,
  moveHead,
  nameRow,
  nullableColumns,
  randomHex,
  renumberAfter,
  setColumn,
  type ContentColumn,
  type Statement,
  type TamperingKind,
} from './tampering-statements.ts'

export const rowTamperings: Record<string, TamperingKind> = {
  'edit one column': (random, trail) => {
    const rows = random.pick([...trail.chains.values()])
    const row = random.pick(rows)
    const column = random.pick(contentColumns)
    const old = contentOf[column](row)
    const value = random.pick<() => string | number | null>([
      () => contentOf[column](random.pick(rows)),
      () => (typeof old === 'number' ? old + random.pick([-1, 1, 1_000, -3_600_000]) : flipCharacter(random, old ?? '')),
      () => (typeof old === 'number' ? 0 : `${old ?? ''} `),
      () => (nullableColumns.includes(column) ? null : typeof old === 'number' ? -old : ''),
      () => (column === 'entry' ? editEntry(random, row.entry) : typeof old === 'number' ? old * 2 : randomHex(random, 64)),
    ])()
    if (value === old) return undefined
    return {
      description: `${column} of ${row.chain}/${row.position}`,
      statements: [setColumn(row, column, value)],
      expectedRows: [nameRow(row)],
    }
  },
  'edit an entry and its hash': (random, trail) => {
    const rows = random.pick([...trail.chains.values()])
    const row = random.pick(rows)
    const hash = random.pick([randomHex(random, 64), random.pick(rows).hash])
    return {
      description: `${row.position}`,
      statements: [setColumn(row, 'entry', editEntry(random, row.entry)), setColumn(row, 'hash', hash)],
      expectedRows: [nameRow(row)],
    }
  },
  'edit a row number': (random, trail) => {
    const rows = random.pick([...trail.chains.values()])
    const row = random.pick(rows.slice(1, -1))
    const next = rows[row.position] as StoredAuditRow
    const highNumber = 1_000_000 + random.below(1_000)
    const seq = random.pick([-random.below(1_000) - 1, highNumber])
    // In the chain 'main' the row numbers must equal the positions, so the row itself is at fault. In other chains a high number
    // only shows at the next row, whose number is lower.
    const faultyRow = seq === highNumber && row.chain !== 'main' ? next : { ...row, seq }
    return { description: `seq ${row.seq} becomes ${seq}`, statements: [setColumn(row, 'seq', seq)], expectedRows: [nameRow(faultyRow)] }
  },
  'edit a position': (random, trail) => {
    const rows = random.pick([...trail.chains.values()])
    const row = random.pick(rows)
    const position = random.pick([-row.position, 0, rows.length + 1 + random.below(50)])
    const next = rows[row.position]
    const statements = [setColumn(row, 'place', position)]
    const moved = { ...nameRow(row), place: position }
    if (position < 1) return { description: `${row.position} becomes ${position}`, statements, expectedRows: [moved] }
    if (!next && position === rows.length + 1) return { description: 'the last row moved by one', statements, expectedRows: [moved] }
    return { description: `${row.position} becomes ${position}`, statements, ...(next && { expectedRows: [nameRow(next)] }) }
  },
  'move a row to another chain': (random, trail) => {
    const row = random.pick(random.pick([...trail.chains.values()]))
    const chain = random.pick([...trail.chains.keys(), 'new'])
    if (chain === row.chain) return undefined
    const position = (trail.chains.get(chain)?.length ?? 0) + 1
    return {
      description: `${row.chain}/${row.position}`,
      statements: [setColumn(row, 'place', 1_000_000), [`UPDATE audit SET chain = $1, place = $2 WHERE place = 1000000`, chain, position]],
    }
  },
  'delete rows': (random, trail) => {
    const [chain, rows] = random.pick([...trail.chains])
    const first = random.pick([1, 1 + random.below(rows.length), 1 + random.below(rows.length)])
    const last = Math.min(rows.length, first + random.pick([0, random.below(5), random.below(rows.length), rows.length]))
    if (first === 1 && last === rows.length) return undefined
    const next = rows[last]
    return {
      description: `${first} to ${last} of ${rows.length}`,
      statements: [
        ['DELETE FROM audit WHERE chain = $1 AND place >= $2 AND place <= $3', chain, first, last],
        ...(next ? [] : changeHead(random, trail, chain, rows[first - 2])),
      ],
      ...(next && { expectedRows: [nameRow(next)] }),
    }
  },
  'delete rows and renumber those after them': (random, trail) => {
    const [chain, rows] = random.pick([...trail.chains])
    const first = 1 + random.below(rows.length - 1)
    const count = 1 + random.below(Math.min(5, rows.length - first))
    const last = rows.at(-1) as StoredAuditRow
    const next = rows[first - 1 + count] as StoredAuditRow
    return {
      description: `${count} from ${first}`,
      statements: [
        ['DELETE FROM audit WHERE chain = $1 AND place >= $2 AND place < $3', chain, first, first + count],
        ...renumberAfter(chain, first + count - 1, -count),
        ...random.pick<Statement[]>([[], [moveHead(chain, rows.length - count, last.hash)]]),
      ],
      expectedRows: [{ ...nameRow(next), place: first }],
    }
  },
  'swap the contents of two rows': (random, trail) => {
    const [row, other] = [random.pick(random.pick([...trail.chains.values()])), random.pick(random.pick([...trail.chains.values()]))]
    if (row === other) return undefined
    const columns = random.pick<readonly ContentColumn[]>([
      contentColumns,
      ['entry'],
      ['entry', 'hash'],
      ['entry', 'hash', 'personal'],
      ['hash'],
    ])
    const first = row.chain === other.chain && row.position > other.position ? other : row
    return {
      description: `${row.position} and ${other.position}: ${columns.join()}`,
      statements: [...copyContent(row, other, columns), ...copyContent(other, row, columns)],
      expectedRows: [nameRow(first)],
    }
  },
  'swap the positions of two rows': (random, trail) => {
    const rows = random.pick([...trail.chains.values()])
    const [row, other] = [random.pick(rows), random.pick(rows)]
    if (row.position >= other.position) return undefined
    return {
      description: `${row.position} and ${other.position}`,
      statements: [
        setColumn(row, 'place', -1),
        setColumn(other, 'place', row.position),
        [`UPDATE audit SET place = $1 WHERE place = -1`, other.position],
      ],
      expectedRows: [{ chain: row.chain, place: row.position, seq: other.seq }],
    }
  },
  'swap the personal data of two rows': (random, trail) => {
    const rows = [...trail.chains.values()].flat().filter(({ personal }) => personal !== null)
    const [row, other] = [random.pick(rows), random.pick(rows)]
    if (row === other) return undefined
    const first = row.chain === other.chain && row.position > other.position ? other : row
    return {
      description: `${row.position} and ${other.position}`,
      statements: [...copyContent(row, other, ['personal']), ...copyContent(other, row, ['personal'])],
      expectedRows: [nameRow(first)],
    }
  },
  'remove personal data': (random, trail) => {
    const row = random.pick([...trail.chains.values()].flat().filter(({ personal }) => personal !== null))
    return { description: `${row.position}`, statements: [setColumn(row, 'personal', null)], expectedRows: [nameRow(row)] }
  },
}
