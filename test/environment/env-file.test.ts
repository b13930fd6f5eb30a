import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { findCutSettings } from '../../src/environment/env-file.ts'
import { projectRoot, runCommand } from '../commands/run-command.ts'

const namesIn = (text: string): string[] => findCutSettings(text).map(({ setting }) => setting)

t.test('given a # in .env that may belong to a value, then the setting that it cuts off is named', async (t) => {
  const cut = {
    'a password in an address': ['DATABASE_URL=postgres://handoff:pass#word@db/handoff', 'DATABASE_URL'],
    'a secret': ['AUDIT_KEY=0123456789abcdef0123456789abcdef#0123456789', 'AUDIT_KEY'],
    'a secret with a space before the #': ['LOOP_TOKEN_SECRET=0123456789abcdef0123456789abcdef #secret', 'LOOP_TOKEN_SECRET'],
    'Windows line ends': ['PORT=3000\r\nAUDIT_KEY=abc#def\r\nHOST=127.0.0.1\r\n', 'AUDIT_KEY'],
    'an exported setting': ['export GENESYS_CLIENT_SECRET=abc#def', 'GENESYS_CLIENT_SECRET'],
  }
  for (const [name, [text = '', setting = '']] of Object.entries(cut)) t.strictSame(namesIn(text), [setting], name)
})

t.test('given a # in .env that is a comment or in quotes, then nothing is named', async (t) => {
  const whole = {
    'a comment line': '# AUDIT_KEY=abc#def',
    'a comment after a space': 'PORT=3000 # the port',
    'a comment after a secret': 'AUDIT_KEY=0123456789abcdef0123456789abcdef # from the vault',
    'double quotes': 'AUDIT_KEY="0123456789#abcdef"',
    'single quotes': "DATABASE_URL='postgres://handoff:pass#word@db/handoff'",
    'a variable that is no setting': 'SOMETHING_ELSE=abc#def',
    'no # at all': 'AUDIT_KEY=0123456789abcdef',
  }
  for (const [name, text] of Object.entries(whole)) t.strictSame(namesIn(text), [], name)
})

t.test(
  'given .env with a secret that a # cuts off, when the service starts, then one line names it and repeats nothing of it',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'handoff-env-'))
    writeFileSync(join(folder, '.env'), 'AUDIT_KEY=0123456789abcdef0123456789abcdef#rest-of-the-key\n')
    const { exitCode, stdout, stderr } = await runCommand(process.execPath, [join(projectRoot, 'src/server.ts')], {}, folder)
    t.equal(exitCode, 1)
    t.match(stderr, /^handoff: AUDIT_KEY: is cut off at a # in \.env.*put the value in quotes/m)
    t.notMatch(stdout + stderr, /rest-of-the-key|0123456789abcdef/)
  },
)
