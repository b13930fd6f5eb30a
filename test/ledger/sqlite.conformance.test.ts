import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { conformance } from './conformance.ts'

conformance({
  name: 'sqlite',
  async fresh(t) {
    const folder = await mkdtemp(join(tmpdir(), 'handoff-ledger-'))
    t.teardown(() => rm(folder, { recursive: true, force: true }))
    return `sqlite:${join(folder, 'ledger.db')}`
  },
})
