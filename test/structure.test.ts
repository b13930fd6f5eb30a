import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('../', import.meta.url))
const leaves = ['states', 'environment', 'problems', 'log', 'ecs', 'trace-context', 'spans']

/** What each part of src/ may import from the others: only down (design §13). A part that is not named here has no place yet. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  server: ['app', 'ledger', ...leaves],
  commands: [
    'app',
    'doctor',
    'demo',
    'simulator',
    'architect',
    'transfers',
    'conversations',
    'genesys',
    'webhooks',
    'ledger',
    'callers',
    ...leaves,
  ],
  architect: ['transfers', ...leaves],
  doctor: ['genesys', 'webhooks', 'ledger', 'callers', ...leaves],
  demo: ['app', 'simulator', 'transfers', 'ledger', 'callers', ...leaves],
  app: ['plugins', 'routes', 'transfers', 'genesys', 'ledger', ...leaves],
  plugins: ['tracing', 'routes', 'transfers', 'genesys', 'webhooks', 'ledger', 'callers', ...leaves],
  routes: ['transfers', 'ledger', 'callers', ...leaves],
  transfers: ['conversations', 'genesys', 'webhooks', 'ledger', 'callers', ...leaves],
  webhooks: ['ledger', ...leaves],
  callers: ['ledger', ...leaves],
  ledger: leaves,
  conversations: leaves,
  genesys: leaves,
  states: [],
  ecs: [],
  spans: [],
  tracing: [],
  'trace-context': [],
  simulator: [],
  environment: [],
  problems: [],
  log: ['ecs'],
}
/** The ledger keeps transfers, so that its interface names them: as a type. */
const typesOnly: Readonly<Record<string, readonly string[]>> = { ledger: ['transfers'] }

/** Everything that would be committed; nothing where git cannot tell. */
function files(): string[] {
  try {
    return execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .split('\n')
      .filter(Boolean)
  } catch {
    return []
  }
}
const all = files()
const skip = all.length === 0 && 'this is no git work tree, or git is not there'
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')
const sources = all.filter((file) => /^src\/.*\.ts$/.test(file) && !file.endsWith('.d.ts'))

interface Import {
  from: string
  to: string
  typeOnly: boolean
}
const statement = /^(?:import|export)\s+(type\s+)?([^'";()=]*?)\s*(?:from\s*)?'([^']+)'|\bimport\(\s*'([^']+)'/gm
const imports: Import[] = sources.flatMap((from) =>
  [...textOf(from).matchAll(statement)].map(([, type, names = '', to, dynamic]) => ({
    from,
    to: String(to ?? dynamic),
    typeOnly:
      type !== undefined ||
      (/^\{.*\}$/s.test(names) &&
        names
          .slice(1, -1)
          .split(',')
          .every((name) => /^\s*(type\s|$)/.test(name))),
  })),
)
const inside = imports.filter(({ to }) => to.startsWith('.')).map((one) => ({ ...one, to: normalize(join(dirname(one.from), one.to)) }))
/** src/ledger/sqlite/store.ts belongs to "ledger", src/log.ts to "log". */
const partOf = (file: string): string => (file.split('/')[1] ?? '').replace(/\.ts$/, '')

t.test('imports only go down', { skip }, async (t) => {
  t.ok(sources.length > 60 && inside.length > 150, `${inside.length} imports of ${sources.length} files were read`)
  t.strictSame(
    [...new Set(sources.map(partOf))].filter((part) => !(part in mayImport)),
    [],
    'every part has its place',
  )
  t.strictSame(
    inside.filter(({ to }) => !sources.includes(to) && !to.endsWith('.d.ts')),
    [],
    'every import leads to a file of src/',
  )
  const wrong = inside.filter(({ from, to, typeOnly }) => {
    const [mine, other] = [partOf(from), partOf(to)]
    return mine !== other && !mayImport[mine]?.includes(other) && !(typeOnly && typesOnly[mine]?.includes(other))
  })
  t.strictSame(
    wrong.map(({ from, to }) => `${from} -> ${to}`),
    [],
  )
})

t.test('no file imports itself over others', { skip }, async (t) => {
  const below = Map.groupBy(
    inside.filter(({ typeOnly }) => !typeOnly),
    ({ from }) => from,
  )
  const done = new Set<string>()
  const circles: string[] = []
  function walk(file: string, way: string[]): void {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' -> '))
    if (done.has(file) || way.includes(file)) return
    for (const { to } of below.get(file) ?? []) walk(to, [...way, file])
    done.add(file)
  }
  for (const file of sources) walk(file, [])
  t.strictSame(circles, [])
})

t.test('HTTP ends at routes and plugins', { skip }, async (t) => {
  const http = imports.filter(({ to }) => /^(fastify($|[-/])|@fastify\/)/.test(to)).map(({ from }) => from)
  t.ok(http.includes('src/app.ts'))
  t.strictSame(
    [...new Set(http)].filter((file) => !['app', 'plugins', 'routes', 'simulator'].includes(partOf(file))),
    [],
  )
})

t.test('names say what is decided there', { skip }, async (t) => {
  t.strictSame(
    all.filter((file) =>
      /^(utils?|helpers?|managers?|common|misc|shared|stuff)(\.|$)|[-.](utils?|helpers?|manager)\./i.test(basename(file)),
    ),
    [],
  )
  t.strictSame(
    all.filter((file) => /(^|\/)(utils?|helpers?|common|misc)\//i.test(file)),
    [],
  )
})

t.test('nothing names the machine that it was written on', { skip }, async (t) => {
  // Put together here, so that this file does not name them either.
  const paths = ['work/', 'root/', 'Users/', 'home/(?!node/)'].map((folder) => `(?<![\\w.~-])/${folder}`)
  const hosts = ['registry', 'npm'].map((host) => `\\b${host}\\.[a-z0-9-]+\\.(com|org|net|io|dev|local|internal)\\b`)
  const named = new RegExp([...paths, ...hosts, 'verda' + 'ccio', 'artif' + 'actory', '_auth' + 'Token'].join('|'))
  const found = all
    .filter((file) => !/\.(png|ico|db)$/.test(file))
    .flatMap((file) =>
      textOf(file)
        .split('\n')
        .flatMap((line, at) => (named.test(line) ? [`${file}:${at + 1}: ${line.trim().slice(0, 120)}`] : [])),
    )
  t.strictSame(found, [])
  t.match('see /wo' + 'rk/x', named)
})
