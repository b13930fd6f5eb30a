/** Who may use the folder of a SQLite ledger: a folder that holds only the ledger becomes private; any other is left as it is, with a warning. */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { startTestSystem } from '../../support/test-system.ts'
import { createOpener, type TapTest } from '../conformance.ts'
import { openAccepted } from '../fixtures.ts'

function createFolder(t: TapTest, mode: number): string {
  const parent = mkdtempSync(join(tmpdir(), 'handoff-folder-'))
  t.teardown(() => rmSync(parent, { recursive: true, force: true }))
  const folder = join(parent, 'data')
  mkdirSync(folder)
  chmodSync(folder, mode)
  return folder
}
const readMode = (path: string): string => (statSync(path).mode & 0o7777).toString(8)

/** Opens a ledger in a folder, writes to it, and closes it. @returns the warnings that were logged */
async function openIn(t: TapTest, folder: string): Promise<string[]> {
  const warnings: string[] = []
  const ledger = await createOpener(
    t,
    `sqlite:${join(folder, 'ledger.db')}`,
  )({
    log: { warn: (_fields, message) => void warnings.push(message), error() {} },
  })
  await openAccepted(ledger)
  await ledger.close()
  return warnings
}

t.test(
  'given a folder that others can use and that holds only the ledger, when it is opened, then only its owner can use it, and one warning says so',
  async (t) => {
    const folder = createFolder(t, 0o755)
    t.match(await openIn(t, folder), [/data could be used by other users \(mode 755\).*only the ledger.*700/])
    t.equal(readMode(folder), '700')
    t.same(await openIn(t, folder), [])
  },
)

t.test('given a folder that also holds other files, then it is left as it is, and a warning names its mode and what to do', async (t) => {
  const folder = createFolder(t, 0o755)
  writeFileSync(join(folder, 'package.json'), '{}')
  for (let start = 0; start < 2; start++) {
    t.match(await openIn(t, folder), [
      /data can be used by other users \(mode 755\).*other files.*"mkdir -m 700 .*data\/ledger".*DATABASE_URL/s,
    ])
    t.equal(readMode(folder), '755')
  }
})

t.test('given a folder like /tmp, where everyone may write, then it is left as it is', async (t) => {
  const folder = createFolder(t, 0o1777)
  t.match(await openIn(t, folder), [/mode 1777/])
  t.equal(readMode(folder), '1777')
})

t.test(
  'given a folder of another user, then it is left as it is',
  { skip: process.getuid?.() !== 0 && 'only root may give a folder away' },
  async (t) => {
    const folder = createFolder(t, 0o770)
    chownSync(folder, 65_534, process.getgid?.() ?? 0)
    t.same(await openIn(t, folder), [], 'the group of this process may use the folder, and no other user may')
    chmodSync(folder, 0o775)
    t.match(await openIn(t, folder), [/belongs to another user.*mode 775.*"chmod o= .*data"/])
    t.equal(readMode(folder), '775')
  },
)

t.test('given a folder that only its owner can use, then no warning is logged', async (t) => {
  t.same(await openIn(t, createFolder(t, 0o700)), [])
})

t.test('given a service whose ledger is in a folder that others can use, when it starts, then its log warns', async (t) => {
  const folder = createFolder(t, 0o755)
  writeFileSync(join(folder, 'other'), '')
  const { logLines } = await startTestSystem(t, { DATABASE_URL: `sqlite:${join(folder, 'ledger.db')}` })
  t.match(
    logLines.filter((line) => line['log.level'] === 'warn'),
    [{ message: /data can be used by other users \(mode 755\)/ }],
  )
})
