/** The setup guide explains every code of `src/model/problems.ts`. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { codes } from '../src/model/problems.ts'

const guide = readFileSync(new URL('../docs/genesys-setup.md', import.meta.url), 'utf8')

t.test(
  'given the setup guide, then every code has one row with its cause and its remedy, and no row is about an unknown code',
  async (t) => {
    const rows = [...guide.matchAll(/^\| ([A-Z][A-Z_]+) +\| ([^|]+?) +\| ([^|]+?) +\|$/gm)]
    t.same(new Set(rows.map(([, code]) => code)), new Set(codes))
    t.equal(rows.length, codes.length)
    for (const [, code, cause, remedy] of rows) t.ok(String(cause).length > 10 && String(remedy).length > 10, String(code))
  },
)
