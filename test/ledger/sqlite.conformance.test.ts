/** The conformance suite on SQLite. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runConformanceSuite } from './conformance.ts'

runConformanceSuite({
  name: 'sqlite',
  async createEmpty(t) {
    const folder = await mkdtemp(join(tmpdir(), 'handoff-ledger-'))
    t.teardown(() => rm(folder, { recursive: true, force: true }))
    return `sqlite:${join(folder, 'ledger.db')}`
  },
})
