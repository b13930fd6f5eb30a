/** Which lines of .env are reported because they are read differently from what was meant, and what the report says. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'dotenv'
import fc from 'fast-check'
import t from 'tap'
import { findMisreadLines } from '../../src/environment/misread-lines.ts'
import { settings } from '../../src/environment/settings.ts'
import { projectRoot, runCommand } from '../commands/run-command.ts'

// Some steps start a process.
t.setTimeout(240_000)

const namesIn = (text: string): string[] => findMisreadLines(text).map(({ problem }) => problem.setting)
const messagesIn = (text: string): string[] => findMisreadLines(text).map(({ problem }) => problem.message)

t.test('given a # in .env that may belong to a value, when the file is checked, then the setting that it cuts off is named', async (t) => {
  const cut = {
    'a password in an address': ['DATABASE_URL=postgres://handoff:pass#word@db/handoff', 'DATABASE_URL'],
    'a secret': ['AUDIT_KEY=0123456789abcdef0123456789abcdef#0123456789', 'AUDIT_KEY'],
    'a secret with a space before the #': ['LOOP_TOKEN_SECRET=0123456789abcdef0123456789abcdef #secret', 'LOOP_TOKEN_SECRET'],
    'Windows line ends': ['PORT=3000\r\nAUDIT_KEY=abc#def\r\nHOST=127.0.0.1\r\n', 'AUDIT_KEY'],
    'an exported setting': ['export GENESYS_CLIENT_SECRET=abc#def', 'GENESYS_CLIENT_SECRET'],
  }
  for (const [name, [text = '', setting = '']] of Object.entries(cut)) t.strictSame(namesIn(text), [setting], name)
})

t.test('given a # in .env that begins a comment or is in quotes, when the file is checked, then nothing is reported', async (t) => {
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
  'given a value that begins with a quote and does not end with it, when the file is checked, then its line is named, and nothing of the value',
  async (t) => {
    const open = {
      'a quote that nothing closes': ['PORT=3000\nAUDIT_KEY="0123456789abcdef\nHOST=::1\n', 'AUDIT_KEY', 2],
      'a single quote': ["AUDIT_KEY='0123456789abcdef", 'AUDIT_KEY', 1],
      'a backtick, exported, with Windows line ends': ['\r\nexport AUDIT_KEY=`0123456789abcdef\r\nHOST=::1', 'AUDIT_KEY', 2],
      'a # within the open quote': ['AUDIT_KEY="0123456789abcdef#secret', 'AUDIT_KEY', 1],
      'the other quote at the end': [`AUDIT_KEY="0123456789abcdef'`, 'AUDIT_KEY', 1],
      'text after the closing quote': ['AUDIT_KEY="0123456789abcdef" secret', 'AUDIT_KEY', 1],
      'a later value in quotes': ['AUDIT_KEY="0123456789abcdef\nHOST="::1"', 'AUDIT_KEY', 1],
    } as const
    for (const [name, [text, setting, line]] of Object.entries(open)) {
      t.match(messagesIn(text), [new RegExp(`^${setting}: begins with a quote in line ${line} of \\.env, but does not end with it`)], name)
      t.equal(messagesIn(text).length, 1, name)
      t.notMatch(messagesIn(text).join(), /0123|secret/, name)
    }
  },
)

t.test(
  'given a quote that is closed some lines later, when the file is checked, then the settings that became part of the value are named',
  async (t) => {
    const swallowed = {
      'a setting with the closing quote': ['PORT=3000\nAUDIT_KEY="0123456789abcdef\nHOST=::1"\n', 'AUDIT_KEY', 2, 3, 'HOST'],
      'several settings': ["AUDIT_KEY='0123\nHOST=::1\n# a comment\n\nexport PORT = 1'\n", 'AUDIT_KEY', 1, 5, 'HOST, PORT'],
      'a variable that is no setting, in the value of one that is': ['AUDIT_KEY="0123\nOTHER="\n', 'AUDIT_KEY', 1, 2, 'another variable'],
      'a variable that is no setting': ['OAUTH_SECRET="0123\nHOST=::1\nPORT="\n', 'OAUTH_SECRET', 1, 3, 'HOST, PORT'],
    } as const
    for (const [name, [text, setting, first, last, names]] of Object.entries(swallowed))
      t.strictSame(
        messagesIn(text),
        [
          `${setting}: the quote that begins in line ${first} of .env ends only in line ${last}, so that ${names} became part of the value: close the quote in line ${first}`,
        ],
        name,
      )
  },
)

t.test('given a line that names a setting but is no assignment, when the file is checked, then it is reported', async (t) => {
  for (const line of ['PORT 3000', 'PORT:3000', '"PORT"=3000', 'set PORT=3000', '- PORT=3000', 'PORT'])
    t.strictSame(messagesIn(`HOST=::1\n${line}\n`), ['PORT: line 2 of .env is not understood: write PORT=value'], line)
})

t.test('given lines for other programs, when the file is checked, then nothing is reported', async (t) => {
  const fine = {
    'a value over several lines': 'CRM_WEBHOOK_URL="https://a.example/x?a=1\nhttps://b.example"\nHOST=::1',
    'a key in PEM form': 'OTHER_KEY="-----BEGIN KEY-----\nMIIBOgIBAAJBAK=\n-----END KEY-----"\nHOST=::1',
    'an open quote of a variable that is no setting': 'GREETING="hello\nHOST=::1',
    'an apostrophe': "GREETING=it's me\nHOST=::1",
    'quotes within quotes': `AUDIT_KEY='"0123456789abcdef"'`,
    'an escaped quote': 'AUDIT_KEY="0123456789\\"abcdef"',
    'a quote in the middle': 'AUDIT_KEY=0123456789"abcdef',
    'a quoted value with a comment': 'PORT="3000" # the port',
    'an export of an earlier line': 'PORT=3000\nexport PORT\n',
    'something else': 'hello world\n[section]\n',
    nothing: '',
  }
  for (const [name, text] of Object.entries(fine)) t.strictSame(messagesIn(text), [], name)
})

t.test(
  'given any file without a reported line, when dotenv parses it, then each setting has the value that its line contains',
  async (t) => {
    const value = fc.stringMatching(/^[a-mo-qs-z"'` #=\\]{0,8}$/)
    const name = fc.constantFrom('PORT', 'HOST', 'AUDIT_KEY', 'OTHER')
    const line = fc.oneof(
      fc.tuple(name, value).map((parts) => parts.join('=')),
      fc.constantFrom('', '# a comment', 'text'),
    )
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
          const text = lines.join('\n')
          if (findMisreadLines(text).length > 0) return true
          const parsed = parse(text)
          return lines.every((written, index) => {
            const [setting = '', ...rest] = written.split('=')
            const isOverwritten = lines.some((later, position) => position > index && later.startsWith(`${setting}=`))
            if (!Object.hasOwn(settings, setting) || rest.length === 0 || isOverwritten) return true
            // The value comes from this line only, and the line was not lost.
            return written.includes(parsed[setting] ?? 'absent')
          })
        }),
        { numRuns: 5_000 },
      ),
    )
  },
)

t.test(
  'given a file with a misread line, when the service or a command starts, then one line reports it, and nothing of the value',
  async (t) => {
    for (const [name, text, message] of [
      [
        'cut',
        'AUDIT_KEY=0123456789abcdef0123456789abcdef#rest-of-the-key\n',
        /AUDIT_KEY: is cut off at a # in \.env.*put the value in quotes/,
      ],
      ['open', 'PORT=0\nAUDIT_KEY="0123456789abcdef0123456789abcdef\n', /AUDIT_KEY: begins with a quote in line 2 of \.env/],
      ['swallowed', 'OAUTH_SECRET="0123456789abcdef\nAUDIT_KEY=0123456789abcdef"\n', /OAUTH_SECRET: .* line 2.* AUDIT_KEY/],
    ] as const) {
      const folder = mkdtempSync(join(tmpdir(), 'handoff-env-'))
      t.teardown(() => rmSync(folder, { recursive: true }))
      writeFileSync(join(folder, '.env'), text)
      for (const [program, ...args] of [
        ['server.ts'],
        ['commands/doctor.ts'],
        ['commands/keys.ts', 'settings', '--missing'],
        ['commands/keys.ts', 'list'],
      ] as const) {
        const { exitCode, stdout, stderr } = await runCommand(process.execPath, [join(projectRoot, 'src', program), ...args], {}, folder)
        t.strictSame([exitCode, stdout], [1, ''], `${name}: ${program} ${args.join(' ')}`)
        t.match(stderr, message, `${name}: ${program} ${args.join(' ')}`)
        t.notMatch(stderr, /rest-of-the-key|0123456789abcdef/)
      }
    }
  },
)

t.test('given a misread line for a setting that the environment has, when a command starts, then the line is not reported', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'handoff-env-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, '.env'), 'AUDIT_KEY="0123456789abcdef\n')
  const settingsInEnvironment = { AUDIT_KEY: 'x'.repeat(16), DATABASE_URL: 'sqlite:h.db' }
  const keys = [join(projectRoot, 'src/commands/keys.ts'), 'list']
  t.match(await runCommand(process.execPath, keys, settingsInEnvironment, folder), { exitCode: 0, stderr: '' })
})
