/** Whether every reference, link and path in comments and documents leads to something that exists. */
import { dirname, join, normalize } from 'node:path'
import t from 'tap'
import { files, isFile, isFolder, isText, readText, skip } from './source-tree.ts'

const documents = files.filter((file) => file.endsWith('.md'))
const searchedFiles = files.filter((file) => isText(file) && /^(src|test|bench|docs|architect|ops|\.github)\/|^[^/]+\.(md|yml)$/.test(file))

/** The id that a Markdown viewer gives a heading. */
const slugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')
const headingsOf = (document: string): string[] => [...readText(document).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => String(heading))

interface Reference {
  where: string
  document: string
  anchor?: string
  rules: number[]
}
/** References such as `docs/reliability.md#admission` and `docs/genesys-cloud.md rules 3, 7 and 12–15` in a text. */
function referencesIn(where: string, text: string): Reference[] {
  const pattern = /\b(docs\/[\w/-]+\.md)(?:#([\w-]+))?(?:,? rules? (\d+(?:(?:, | and |–|-)\d+)*))?/g
  return [...text.matchAll(pattern)].map(([, document, anchor, rules]) => ({
    where,
    document: String(document),
    ...(anchor !== undefined && { anchor }),
    rules: rules?.match(/\d+/g)?.map(Number) ?? [],
  }))
}
function isUnresolved({ document, anchor, rules }: Reference): boolean {
  if (!isFile(document)) return true
  const headings = headingsOf(document)
  if (anchor !== undefined && !headings.some((heading) => slugOf(heading) === anchor)) return true
  return rules.some((rule) => !headings.some((heading) => heading.startsWith(`Rule ${rule}:`)))
}

t.test('given a reference to a document, then the document, its section and its rules exist', { skip }, async (t) => {
  const references = searchedFiles.flatMap((file) => referencesIn(file, readText(file)))
  t.ok(references.length > 50, `${references.length} references were read`)
  t.strictSame(references.filter(isUnresolved), [])
  t.ok(isUnresolved({ where: '', document: 'docs/architecture.md', anchor: 'no-such-section', rules: [] }))
  t.ok(isUnresolved({ where: '', document: 'docs/genesys-cloud.md', rules: [9_999] }))
})

t.test('given a reference in any file, then it does not name a document outside the repository', { skip }, async (t) => {
  // Early design documents that are not in the repository. Each name is split in two, so that this file does not match itself.
  const outsideDocuments = [
    ['genesys', '-api'],
    ['architect', '-and-peers'],
    ['design', ' §'],
    ['engine', '\\.md'],
    ['ecosystem', ' §'],
    ['reliability', ' §'],
  ]
  const pattern = new RegExp(outsideDocuments.map((parts) => parts.join('')).join('|'))
  t.strictSame(
    searchedFiles.flatMap((file) =>
      readText(file)
        .split('\n')
        .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim().slice(0, 100)}`] : [])),
    ),
    [],
  )
})

t.test('given a link in a document, then it leads to a file, a folder or a heading', { skip }, async (t) => {
  const broken = documents.flatMap((document) =>
    [...readText(document).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link]) => String(link))
      .filter((link) => {
        if (/^[a-z]+:/.test(link)) return false
        const [path = '', anchor] = link.split('#')
        const target = path === '' ? document : normalize(join(dirname(document), path)).replace(/\/$/, '')
        if (!isFile(target)) return !isFolder(target)
        return anchor !== undefined && target.endsWith('.md') && !headingsOf(target).some((heading) => slugOf(heading) === anchor)
      })
      .map((link) => `${document}: ${link}`),
  )
  t.strictSame(broken, [])
})

t.test('given a path of this project in backquotes, in a document or a comment, then it exists', { skip }, async (t) => {
  const pattern = /`((?:src|test|bench|docs|ops|architect|openapi)\/[\w./-]+)`/g
  t.strictSame(
    searchedFiles
      .filter((file) => file !== 'CHANGELOG.md')
      .flatMap((file) => [...readText(file).matchAll(pattern)].map(([, path]) => ({ file, path: String(path) })))
      .filter(({ path }) => !isFile(path) && !isFolder(path))
      .map(({ file, path }) => `${file}: ${path}`),
    [],
  )
})

t.test('given a command of npm in a document, then the project has it', { skip }, async (t) => {
  const scripts = new Set(
    ['package.json', 'client/package.json'].flatMap((file) =>
      Object.keys((JSON.parse(readText(file)) as { scripts: Readonly<Record<string, string>> }).scripts),
    ),
  )
  const named = documents.flatMap((document) =>
    [...readText(document).matchAll(/\bnpm run (?:-\S+ )*([a-z][a-z:-]*)/g)].map(([, name]) => ({ document, name: String(name) })),
  )
  t.ok(named.length > 50, `${named.length} commands were read`)
  t.strictSame(
    named.filter(({ name }) => !scripts.has(name)).map(({ document, name }) => `${document}: npm run ${name}`),
    [],
  )
})
