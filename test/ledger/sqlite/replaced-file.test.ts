/** What happens when the ledger's file is deleted, moved or replaced while Handoff runs: nothing is acknowledged that would be lost. */
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { copyFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { StoreMisplaced } from '../../../src/ledger/contract/errors.ts'
import { setUpIvrCall } from '../../support/calls.ts'
import { startTestSystem } from '../../support/test-system.ts'
import { waitFor } from '../../support/wait-for.ts'
import { createOpener, type TapTest } from '../conformance.ts'
import { createChange, isTrailSound, openAccepted, readStatuses } from '../fixtures.ts'

t.setTimeout(240_000)

function createLedgerPath(t: TapTest): { folder: string; path: string } {
  const parent = mkdtempSync(join(tmpdir(), 'handoff-replaced-'))
  t.teardown(() => rmSync(parent, { recursive: true, force: true }))
  const folder = join(parent, 'data')
  mkdirSync(folder)
  return { folder, path: join(folder, 'ledger.db') }
}

/** Changes that an operator may make to the files of an open ledger. */
const interferences: Record<string, (path: string, folder: string) => Promise<unknown>> = {
  'its file is deleted': (path) => rm(path),
  'all its files are deleted': (path) => Promise.all(['', '-wal', '-shm'].map((suffix) => rm(path + suffix))),
  'its write-ahead log is deleted': (path) => rm(`${path}-wal`),
  'the index of its write-ahead log is deleted': (path) => rm(`${path}-shm`),
  async 'another file is renamed over it'(path) {
    await copyFile(path, `${path}.backup`)
    renameSync(`${path}.backup`, path)
  },
  'its folder is removed': (_, folder) => rm(folder, { recursive: true }),
  async 'its folder is replaced'(_, folder) {
    renameSync(folder, `${folder}-old`)
    mkdirSync(folder)
  },
}

for (const [interference, interfere] of Object.entries(interferences)) {
  t.test(
    `given a service, when ${interference}, then it takes no transfer, is not ready, and logs which file it is and what to do`,
    async (t) => {
      const { folder, path } = createLedgerPath(t)
      const { control, postTransfer, request, logLines } = await startTestSystem(
        t,
        { DATABASE_URL: `sqlite:${path}` },
        {},
        { leaseMs: 1_000 },
      )
      const { queueId } = setUpIvrCall(control)
      const transfer = () => {
        const { conversationId } = control.addConversation({ in: 'ivr' })
        return postTransfer({ conversationId, target: { type: 'queue', queueId } })
      }
      await waitFor(async () => (await transfer()).status === 202, 'a transfer')
      await interfere(path, folder)
      t.match(await transfer(), { status: 503, body: { code: 'STORE_UNAVAILABLE', retryable: true } })
      t.equal(
        (
          await waitFor(async () => {
            const response = await request('GET', '/ready')
            return response.status === 503 && response
          }, '/ready to be 503')
        ).body['status'],
        'not_ready',
      )
      t.equal((await request('GET', '/health')).status, 200)
      const line = await waitFor(
        () => logLines.find((each) => each['log.level'] === 'error' && String(each['reason']).includes(path)),
        'the error in the log',
      )
      t.match(line['reason'], /was deleted, moved or replaced while Handoff had it open.* Stop Handoff, put .* back in place/)
    },
  )
}

t.test(
  'given a ledger whose folder was moved away, when it is moved back, then the ledger works again, without the write that was refused',
  async (t) => {
    const { folder, path } = createLedgerPath(t)
    const ledger = await createOpener(t, `sqlite:${path}`)()
    const accepted = await openAccepted(ledger)
    renameSync(folder, `${folder}-old`)
    await t.rejects(ledger.writeChange(createChange(accepted, 'executing')), StoreMisplaced)
    await t.rejects(ledger.findTransfer(accepted.id), StoreMisplaced)
    renameSync(`${folder}-old`, folder)
    await ledger.writeChange(createChange(accepted, 'executing'))
    t.same(await readStatuses(ledger, accepted.id), ['accepted', 'executing'])
    t.ok(await isTrailSound(ledger))
  },
)

t.test('given a write that is committed while the file is being replaced, then it is not acknowledged', async (t) => {
  const { path } = createLedgerPath(t)
  let shouldMove = false
  const ledger = await createOpener(
    t,
    `sqlite:${path}`,
  )({
    // The clock is read inside the transaction, when its audit row is written.
    clock() {
      if (shouldMove) renameSync(path, `${path}.moved`)
      shouldMove = false
      return Date.now()
    },
  })
  shouldMove = true
  await t.rejects(openAccepted(ledger), StoreMisplaced)
})
