/** `npm run openapi` as a developer runs it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import { runNpmScript, projectRoot, runCommand } from './run-command.ts'

test('given any folder and any settings, when npm run openapi runs, then it writes the same document and example settings', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  t.strictSame(
    await runCommand(process.execPath, [join(projectRoot, 'src/commands/openapi.ts')], { MAX_TRANSFER_DEPTH: '7', PORT: 'x' }, folder),
    {
      exitCode: 0,
      stdout: '',
      stderr: '',
    },
  )
  for (const file of ['openapi/transfers.yaml', '.env.example'])
    t.equal(readFileSync(join(folder, file), 'utf8'), readFileSync(join(projectRoot, file), 'utf8'), file)
  t.match(await runNpmScript('openapi', ['--help']), { exitCode: 0, stdout: /^npm run openapi/, stderr: '' })
})
