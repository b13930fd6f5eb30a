/** Who can read the files that secrets are printed to. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import { projectRoot } from './run-command.ts'

const readMode = (path: string): string => (statSync(path).mode & 0o777).toString(8)

test('given output that is redirected to a file, when secrets are printed, then only the owner can read the file', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-output-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  /** Runs the command in a shell that makes files readable for everyone. */
  function run(args: string, redirection: string) {
    const { status, stderr } = spawnSync('sh', ['-c', `umask 022; "${process.execPath}" src/commands/keys.ts ${args} ${redirection}`], {
      cwd: projectRoot,
      encoding: 'utf8',
      env: { ...process.env, AUDIT_KEY: 'S3cr3t-audit-key-of-the-test', DATABASE_URL: `sqlite:${join(folder, 'handoff.db')}` },
    })
    t.strictSame([status, stderr], [0, ''])
  }

  const settings = join(folder, 'settings')
  run('settings', `> ${settings}`)
  t.equal(readMode(settings), '600')
  t.match(readFileSync(settings, 'utf8'), /^LOOP_TOKEN_SECRET=/)

  const existing = join(folder, 'existing')
  writeFileSync(existing, 'PORT=3000\n', { mode: 0o644 })
  run('create --scope audit:read', `>> ${existing}`)
  t.equal(readMode(existing), '600', 'an existing file gets the same mode')
  t.match(readFileSync(existing, 'utf8'), /^PORT=3000\nhk_/)

  run('settings', '> /dev/null')
  run('settings', '| cat > /dev/null')

  const list = join(folder, 'list')
  run('list', `> ${list}`)
  t.equal(readMode(list), '644', 'a list of keys is not secret')
  t.end()
})
