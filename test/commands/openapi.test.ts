import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'tap'
import { npm, root, run } from './process.ts'

test('npm run openapi writes the document and the example settings, the same wherever it runs and whatever is set', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  t.strictSame(await run(process.execPath, [join(root, 'src/commands/openapi.ts')], { MAX_TRANSFER_DEPTH: '7', PORT: 'x' }, folder), {
    code: 0,
    out: '',
    err: '',
  })
  for (const file of ['openapi/transfers.yaml', '.env.example'])
    t.equal(readFileSync(join(folder, file), 'utf8'), readFileSync(join(root, file), 'utf8'), file)
  t.match(await npm('openapi', ['--help']), { code: 0, out: /^npm run openapi/, err: '' })
})
