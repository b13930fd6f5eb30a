/** CHANGELOG.md has the form of Keep a Changelog, and knows the version of the project. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../commands/run-command.ts'

const read = (file: string): string => readFileSync(join(projectRoot, file), 'utf8')
const headings = read('CHANGELOG.md').match(/^#{1,6} .*$/gm) ?? []
const versionOf = (file: string): string => (JSON.parse(read(file)) as { version: string }).version

t.test('given the changelog, then it begins with what is unreleased, and versions follow with their dates, the newest first', async (t) => {
  const [title, unreleased, ...versions] = headings.filter((heading) => !heading.startsWith('### '))
  t.strictSame([title, unreleased], ['# Changelog', '## [Unreleased]'])
  t.ok(versions.length > 0)
  for (const version of versions) t.match(version, /^## \[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d$/)
  const dates = versions.map((version) => version.slice(-10))
  t.strictSame(dates, dates.toSorted().toReversed())
  t.match(versions[0], `[${versionOf('package.json')}]`, 'the newest version is that of the project')
  t.equal(versionOf('client/package.json'), versionOf('package.json'), 'and that of the client')
})

t.test('given a version, then each kind of change has one section in it', async (t) => {
  const kinds = new Set(['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'])
  let seen: string[] = []
  for (const heading of headings) {
    if (!heading.startsWith('### ')) seen = []
    else {
      const kind = heading.slice(4)
      t.ok(kinds.has(kind), kind)
      t.notOk(seen.includes(kind), `${kind} is there once`)
      seen.push(kind)
    }
  }
})
