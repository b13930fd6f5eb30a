import { dirname } from 'node:path'
import t from 'tap'
import { findCircles, importsIn, imports, ownImports, skip, sources } from './source-tree.ts'

/** Each part of src/ on its floor, the highest first. A part may import from lower floors, and from its own floor where no circle comes of it. */
const floors = [
  ['server', 'commands'],
  ['demo'],
  ['app'],
  ['plugins'],
  ['routes'],
  ['mcp'],
  ['acceptance'],
  ['architect', 'transfers', 'doctor'],
  ['webhooks', 'ledger', 'auth'],
  ['genesys'],
  ['conversations', 'schedules', 'outbound', 'model', 'telemetry', 'environment'],
]
/** The simulator stands beside the service. Only the programs that start both import it. */
const startsSimulator = new Set(['commands', 'demo'])

/** The part that a file belongs to: `ledger` for src/ledger/sqlite/file.ts, `app` for src/app.ts. */
const partOf = (file: string): string => (file.split('/')[1] ?? '').replace(/\.ts$/, '')
const floorOf = (part: string): number => floors.findIndex((floor) => floor.includes(part))

const describe = ({ from, to }: { from: string; to: string }): string => `${from} -> ${to}`

/** An import as its two ends below the folder that both share: the subfolders, or the files themselves. */
function siblingsOf({ from, to }: { from: string; to: string }): { from: string; to: string } | undefined {
  const [a, b] = [from.split('/'), to.split('/')]
  const shared = a.findIndex((name, index) => name !== b[index])
  const end = (path: string[]): string => path.slice(0, shared + 1).join('/')
  return from === to ? undefined : { from: end(a), to: end(b) }
}

t.test('given the imports of src/, then they only go down', { skip }, async (t) => {
  t.ok(sources.length > 60 && ownImports.length > 150, `${ownImports.length} imports of ${sources.length} files were read`)
  t.strictSame(
    [...new Set(sources.map(partOf))].filter((part) => part !== 'simulator' && floorOf(part) === -1),
    [],
    'every part of src/ has a floor',
  )
  t.strictSame(
    ownImports.filter(({ to }) => !sources.includes(to) && !to.endsWith('.d.ts')).map(describe),
    [],
    'every import leads to a file of src/',
  )
  const wrong = ownImports.filter(({ from, to }) => {
    const [own, other] = [partOf(from), partOf(to)]
    if (own === other) return false
    if (own === 'simulator') return true
    return other === 'simulator' ? !startsSimulator.has(own) : floorOf(other) < floorOf(own)
  })
  t.strictSame(wrong.map(describe), [])
})

t.test('given the model, then it imports nothing else of the project', { skip }, async (t) => {
  t.strictSame(ownImports.filter(({ from, to }) => partOf(from) === 'model' && partOf(to) !== 'model').map(describe), [])
})

t.test('given files that import each other, types included, then there is no circle', { skip }, async (t) => {
  t.strictSame(findCircles(ownImports), [])
})

t.test('given the folders and files inside any folder, then there is no circle between them', { skip }, async (t) => {
  const edges = ownImports.map(siblingsOf).filter((edge) => edge !== undefined)
  t.strictSame(findCircles(edges), [])
  t.strictSame(
    findCircles([
      { from: 'a', to: 'b' },
      { from: 'b', to: 'a' },
    ]),
    ['a -> b -> a'],
    'a circle would be found',
  )
})

t.test('given an import of types only, then it is written so that type stripping removes it', { skip }, async (t) => {
  t.equal(importsIn('src/a.ts', "import { type X } from './b.ts'\n")[0]?.isTypeOnly, false)
  t.equal(importsIn('src/a.ts', "import type { X } from './b.ts'\n")[0]?.isTypeOnly, true)
})

t.test('given Fastify, then only the HTTP edge and the simulator know it', { skip }, async (t) => {
  const importers = imports.filter(({ to }) => /^(fastify($|[-/])|@fastify\/)/.test(to)).map(({ from }) => from)
  t.ok(importers.includes('src/app.ts'))
  t.strictSame(
    [...new Set(importers)].filter((file) => !['app', 'plugins', 'routes', 'simulator'].includes(partOf(file))),
    [],
  )
})

t.test('given the stages of the pipeline, then each has its file and nothing else is there', { skip }, async (t) => {
  t.strictSame(
    sources.filter((file) => dirname(file) === 'src/transfers/stages').map((file) => file.slice('src/transfers/stages/'.length)),
    ['audit-poll.ts', 'crm-webhook.ts', 'execution.ts', 'validation.ts', 'verification.ts'],
  )
})
