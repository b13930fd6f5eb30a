/** Other processes may read the file of an open ledger, write it through SQLite, and change its time or mode. None of that counts as damage. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createOpener } from '../conformance.ts'
import { createChange, isTrailSound, openAccepted, retryWhileUnavailable } from '../fixtures.ts'
import { startWriterProcess } from './writer-process.ts'

t.setTimeout(300_000)
const rounds = 8

t.test('given other processes that read, write, copy and compact the file of a ledger, then the ledger keeps working', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-shared-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'ledger.db')
  const ledger = await createOpener(t, `sqlite:${path}`)()
  const others = [0, 1].map(() =>
    spawn(process.execPath, [join(import.meta.dirname, 'other-process.ts'), path, String(rounds)], { stdio: 'inherit' }),
  )
  t.teardown(() => {
    for (const other of others) other.kill('SIGKILL')
  })
  const node = await startWriterProcess(t, path, 'until killed')
  node.go()
  let isDone = false
  const exitCodes = Promise.all(others.map(async (other) => (await once(other, 'exit'))[0] as number)).finally(() => {
    isDone = true
  })
  while (!isDone) {
    // While another process has the lock, a read or a write may be refused.
    const accepted = await retryWhileUnavailable(() => openAccepted(ledger))
    await retryWhileUnavailable(() => ledger.writeChange(createChange(accepted, 'executing')))
    t.ok(await retryWhileUnavailable(() => ledger.findTransfer(accepted.id)))
    await retryWhileUnavailable(() => ledger.listTransfers({ limit: 20 }))
  }
  t.same(await exitCodes, [0, 0])
  node.kill()
  await node.exitCode
  await ledger.checkWritable()
  t.ok(await isTrailSound(ledger))
})
