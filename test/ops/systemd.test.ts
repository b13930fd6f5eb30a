/** The systemd unit in ops/ starts the service as npm start does, and systemd finds no fault in it. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { projectFolder, startCommand } from '../../bench/harness/start-command.ts'

const unit = readFileSync(join(projectFolder, 'ops/handoff.service'), 'utf8')
/** Where the unit expects the project. */
const installedFolder = '/opt/handoff'
const valuesOf = (name: string): string[] => [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => String(value))
const hasAnalyzer = spawnSync('systemd-analyze', ['--version']).status === 0

t.test('given the systemd unit, then it starts the service with the flags and the allocator settings of npm start', async (t) => {
  const [node, ...command] = String(valuesOf('ExecStart')[0]).split(' ')
  t.equal(node, `${installedFolder}/node_modules/.bin/node`, 'the Node.js that is installed with the project')
  const withoutFolder = startCommand.nodeFlags.map((flag) => flag.replace(`${projectFolder}/`, './'))
  t.strictSame(command, [...withoutFolder, 'src/server.ts'])
  const assignments = valuesOf('Environment').flatMap((line) => line.split(' '))
  const names = Object.keys(startCommand.environment)
  t.strictSame(new Set(assignments.map((assignment) => assignment.split('=')[0])), new Set([...names, 'NODE_ENV']))
  for (const [name, value] of Object.entries(startCommand.environment))
    if (name !== 'NODE_COMPILE_CACHE') t.ok(assignments.includes(`${name}=${value}`), name)
})

t.test(
  'given the systemd unit, when systemd checks it, then it finds no fault, and says that the service is confined',
  { skip: hasAnalyzer ? false : 'no systemd here: install it (apt-get install systemd)' },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'handoff-unit-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'handoff.service')
    // The programs that it starts must exist.
    writeFileSync(file, unit.replaceAll(installedFolder, projectFolder))
    const verified = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' })
    t.strictSame({ status: verified.status, output: verified.stdout + verified.stderr }, { status: 0, output: '' })
    const security = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=25', '--no-pager', file], {
      encoding: 'utf8',
    })
    t.equal(security.status, 0, `the exposure is at most 2.5 of 10\n${security.stdout.split('\n').slice(-3).join('\n')}${security.stderr}`)
  },
)
