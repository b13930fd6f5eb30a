/** Kinds of tampering with chains: inserted rows, forged checkpoints, changed heads, and whole chains that are deleted or renamed. */
import type { StoredAuditRow } from '../../../src/ledger/contract/audit.ts'
import {
  changeHead,
  contentColumns,
  copyContent,
  flipCharacter,
  insertRow,
  moveHead,
  nameRow,
  randomHex,
  renumberAfter,
  setColumn,
  type Statement,
  type TamperingKind,
  type Trail,
} from './tampering-statements.ts'

const findCheckpoints = (trail: Trail): StoredAuditRow[] =>
  [...trail.chains.values()].flat().filter(({ entry }) => entry.includes('"status":"checkpoint"'))

export const chainTamperings: Record<string, TamperingKind> = {
  'append a copy of a row': (random, trail) => {
    const [chain, rows] = random.pick([...trail.chains])
    const row = random.pick(random.pick([...trail.chains.values()]))
    const hash = random.pick([row.hash, randomHex(random, 64), String(rows.at(-1)?.hash)])
    const copy = { ...row, position: rows.length + 1, hash }
    return {
      description: `${row.position}`,
      statements: [insertRow(row, chain, copy.position, hash), ...changeHead(random, trail, chain, copy)],
    }
  },
  'insert a copy of a row': (random, trail) => {
    const [chain, rows] = random.pick([...trail.chains])
    const row = random.pick(random.pick([...trail.chains.values()]))
    const position = random.below(rows.length)
    return {
      description: `${row.position} after ${position}`,
      statements: [
        ...renumberAfter(chain, position, 1),
        insertRow(row, chain, position + 1),
        ...random.pick<Statement[]>([[], [moveHead(chain, rows.length + 1, String(rows.at(-1)?.hash))]]),
      ],
    }
  },
  'forge a checkpoint': (random, trail) => {
    const checkpoints = findCheckpoints(trail)
    const row = random.pick(checkpoints)
    const entry = JSON.parse(row.entry) as { chain: string; detail: Record<string, string | number> }
    const detail = {
      ...entry.detail,
      ...random.pick<object>([
        { rows: random.below(500) },
        { ends: '', signature: randomHex(random, 128) },
        { head: random.pick(checkpoints).hash },
        { signature: flipCharacter(random, String(entry.detail['signature'])) },
      ]),
    }
    const forgedEntry = JSON.stringify({ ...entry, detail })
    if (forgedEntry === row.entry) return undefined
    return { description: `${row.position}`, statements: [setColumn(row, 'entry', forgedEntry)], expectedRows: [nameRow(row)] }
  },
  'copy a checkpoint over another row': (random, trail) => {
    const rows = [...trail.chains.values()].flat()
    const checkpoint = random.pick(findCheckpoints(trail))
    const row = random.pick(rows)
    if (row === checkpoint) return undefined
    return {
      description: `${checkpoint.position} over ${row.position}`,
      statements: copyContent(row, checkpoint, contentColumns),
      expectedRows: [nameRow(row)],
    }
  },
  'edit a head': (random, trail) => {
    const head = random.pick(trail.heads)
    const rows = trail.chains.get(head.chain) as StoredAuditRow[]
    const row = random.pick(rows)
    const [column, value] = random.pick<() => [string, string | number]>([
      () => ['place', random.pick([row.position, 0, -1, rows.length + 1])],
      () => ['hash', random.pick([row.hash, randomHex(random, 64)])],
      () => ['seal', random.pick([row.hash, randomHex(random, 64), flipCharacter(random, head.seal), ''])],
      () => ['chain', 'new'],
    ])()
    if (value === head.position || value === head.hash) return undefined
    return { description: column, statements: [[`UPDATE audit_heads SET ${column} = $1 WHERE chain = $2`, value, head.chain]] }
  },
  'set a head back to an earlier row': (random, trail) => {
    const [chain, rows] = random.pick([...trail.chains])
    const row = random.pick(rows.slice(0, -1))
    return { description: `${row.position}`, statements: [moveHead(chain, row.position, row.hash)] }
  },
  'delete a head': (random, trail) => {
    const { chain } = random.pick(trail.heads)
    return { description: chain, statements: [['DELETE FROM audit_heads WHERE chain = $1', chain]] }
  },
  'insert a head for a chain that does not exist': (random, trail) => {
    const { position, hash, seal } = random.pick(trail.heads)
    return {
      description: 'new',
      statements: [
        [
          'INSERT INTO audit_heads (chain, place, at, hash, seal) VALUES ($1, $2, 0, $3, $4)',
          'new',
          random.pick([position, 0]),
          hash,
          seal,
        ],
      ],
    }
  },
  'copy a head from another chain': (random, trail) => {
    const [head, other] = [random.pick(trail.heads), random.pick(trail.heads)]
    if (head === other) return undefined
    const { position, hash, seal } = other
    return {
      description: `${other.chain} to ${head.chain}`,
      statements: [['UPDATE audit_heads SET place = $1, hash = $2, seal = $3 WHERE chain = $4', position, hash, seal, head.chain]],
    }
  },
  'delete chains with their heads': (random, trail) => {
    const deleted = [...trail.chains.keys()].filter(() => random.below(2) === 0)
    if (deleted.length === 0 || deleted.length === trail.chains.size) return undefined
    return {
      description: deleted.join(),
      statements: deleted.flatMap((chain): Statement[] => [
        ['DELETE FROM audit WHERE chain = $1', chain],
        ['DELETE FROM audit_heads WHERE chain = $1', chain],
      ]),
    }
  },
  'rename a chain': (random, trail) => {
    const chain = random.pick([...trail.chains.keys()])
    return {
      description: chain,
      statements: [
        ['UPDATE audit SET chain = $1 WHERE chain = $2', 'new', chain],
        ['UPDATE audit_heads SET chain = $1 WHERE chain = $2', 'new', chain],
      ],
    }
  },
}
