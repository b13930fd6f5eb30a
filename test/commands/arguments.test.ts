/** Arguments that must not be ignored silently: options that npm took for its own because `--` was missing, and options given twice. */
import t from 'tap'
import { readArguments } from '../../src/commands/arguments.ts'
import { runCommand } from './run-command.ts'

// Most steps start a process.
t.setTimeout(240_000)

const options = {
  queue: { type: 'string', multiple: true, default: [] as string[] },
  label: { type: 'string' },
  'find-region': { type: 'boolean' },
  json: { type: 'boolean' },
} as const

t.test(
  'given options that npm took for its own, or an option given twice, when arguments are read, then an error says what to write',
  async (t) => {
    const read = (args: string[], environment: Record<string, string>) =>
      readArguments({ args, options, allowPositionals: true }, environment)
    for (const name of ['queue', 'label', 'find_region'])
      t.throws(() => read([], { [`npm_config_${name}`]: 'true' }), {
        message: `write -- before the options, as in: npm run <command> -- --${name.replace('_', '-')}`,
      })
    for (const environment of [{ npm_config_json: 'true' }, { npm_config_loglevel: 'silent' }, { queue: 'x' }])
      t.doesNotThrow(() => read(['now', '--queue', 'a', '--queue', 'b', '--label', 'c'], environment))
    t.match(read(['now', '--queue', 'a', '--queue', 'b', '--json', '--json'], {}), {
      values: { queue: ['a', 'b'], json: true },
      positionals: ['now'],
    })
    t.throws(() => read(['--label', 'a', '--label', 'b'], {}), { message: '--label was given twice' })
    t.throws(() => read(['now', '--name', 'a'], {}), {
      message: "Unknown option '--name'; the options are --queue, --label, --find-region, --json",
    })
    t.throws(() => read(['now', '-n'], {}), { message: /^Unknown option '-n'; / })
  },
)

t.test('given an npm script without -- before its options, when it runs, then it does nothing, and says how to write it', async (t) => {
  for (const args of [
    ['keys', 'settings', '--missing'],
    ['keys', 'create', '--queue', '9e0e0000-0000-4000-8000-000000000001'],
    ['erase', '--conversation', 'ca110000-0000-4000-8000-000000000001'],
    ['doctor', '--webhook'],
    ['audit:verify', '--public-key'],
    ['demo', '--once'],
  ]) {
    const { exitCode, stdout, stderr } = await runCommand('npm', ['run', '-s', ...args])
    t.not(exitCode, 0, args.join(' '))
    t.equal(stdout, '')
    t.match(stderr, /^[\w:]+: write -- before the options, as in: npm run [\w:<>]+ -- --\w+/, args.join(' '))
  }
})
