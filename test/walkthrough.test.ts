/** The README's walkthrough from an empty folder to a pickup, run twice, and its three paths of ten minutes, as a newcomer would run them. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { loadDefaultScenario } from '../src/simulator/control/default-scenario.ts'
import { startSimulator } from '../src/simulator/simulator.ts'
import { projectRoot, runCommand, startCommand, type RunningCommand } from './commands/run-command.ts'
import { waitFor } from './support/wait-for.ts'

t.setTimeout(240_000)

const blocks = [...readFileSync(join(projectRoot, 'README.md'), 'utf8').matchAll(/```sh\n(.*?)```/gs)].map(([, code]) => String(code))
const blockWith = (text: string): string => blocks.find((block) => block.includes(text)) ?? ''
const hasCurl = spawnSync('curl', ['--version']).status === 0

interface TransferResponse {
  id: string
  state: string
}

t.test(
  "given the README's walkthrough, when it is run twice, then a call is picked up each time, and the settings are kept in a private file",
  { skip: !hasCurl && 'curl is not installed' },
  async (t) => {
    const simulator = await startSimulator({ requestsPerMinute: 60_000 })
    t.teardown(() => simulator.close())
    loadDefaultScenario(simulator.control)
    const folder = mkdtempSync(join(tmpdir(), 'handoff-walkthrough-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    for (const name of ['src', 'node_modules']) symlinkSync(join(projectRoot, name), join(folder, name))
    for (const name of ['package.json', '.npmrc']) copyFileSync(join(projectRoot, name), join(folder, name))
    const envFile = join(folder, '.env')

    /** Runs shell code of the README in the folder, with the addresses of this test. */
    async function runShell(code: string, serviceUrl = ''): Promise<string> {
      const adapted = code.replaceAll('http://127.0.0.1:3999', simulator.url).replaceAll('http://127.0.0.1:3000', serviceUrl)
      const { exitCode, stdout, stderr } = await runCommand('sh', ['-c', adapted], {}, folder)
      t.strictSame([exitCode, stderr], [0, ''])
      return stdout
    }
    async function startService(): Promise<{ url: string; running: RunningCommand }> {
      const running = startCommand(process.execPath, [join(projectRoot, 'src/server.ts')], { PORT: '0', SHUTDOWN_DELAY_MS: '0' }, folder)
      t.teardown(() => running.child.kill('SIGKILL'))
      const url = await waitFor(() => /Server listening at (http:[^"]+)"/.exec(running.output.stdout)?.[1], 'the service', 40_000)
      return { url, running }
    }
    const setUp = blockWith('npm start').replace('npm start\n', '')
    const [request = '', read = ''] = blockWith('/_simulator/conversations').split('sleep 5\n')
    /** The shell line that sets KEY, which the second request uses. */
    const setKey = request.split('\n')[0]

    const envFileContents: string[] = []
    for (const round of ['first', 'second'])
      await t.test(
        `given the README's walkthrough, when it is run for the ${round} time, then a call is moved and picked up`,
        async (t) => {
          await runShell(setUp)
          envFileContents.push(readFileSync(envFile, 'utf8'))
          const { url, running } = await startService()
          const { id, state } = JSON.parse(await runShell(request, url)) as TransferResponse
          t.equal(state, 'initiated')
          await waitFor(
            async () => {
              const { transfers } = JSON.parse(await runShell(`${setKey}\n${read}`, url)) as { transfers: TransferResponse[] }
              return transfers[0]?.id === id && transfers[0].state === 'picked_up'
            },
            'the pickup',
            40_000,
          )
          running.child.kill('SIGTERM')
          t.equal((await running.result).exitCode, 0)
        },
      )

    t.equal(envFileContents[1], envFileContents[0], 'the second run keeps the settings of the first')
    // `npm run keys` changes the mode of the file that its output is redirected to (src/commands/private-output.ts).
    t.equal((statSync(envFile).mode & 0o077).toString(8), '0', 'only their owner can read them')

    await t.test("given the service of the walkthrough, when the README's paths are followed, then they show what it says", async (t) => {
      const { url, running } = await startService()
      const answer = JSON.parse(await runShell(blockWith('/v1/architect/transfers'), url)) as Record<string, unknown>
      t.match(answer, { ok: true, state: 'decided', priority: 5 }, 'for a flow author')

      const [, script = ''] = blockWith('first-transfer.mjs').split('--workspace client\n')
      const client = pathToFileURL(join(projectRoot, 'client/src/index.ts')).href
      const runScript = script.replace("'@handoff/client'", `'${client}'`).replace(' node first', ` ${process.execPath} first`)
      t.match(await runShell(runScript, url), /^picked_up a9e70000-\S+ \d+\n$/, 'for an integrator')

      const listed = await runShell(
        blockWith('transfers -- list').replace(
          'npm run -s transfers --',
          `HANDOFF_URL=${url} ${process.execPath} src/commands/transfers.ts`,
        ),
        url,
      )
      t.equal(listed.match(/^initiated .* Unstaffed/gm)?.length, 18, 'for an operator')
      running.child.kill('SIGTERM')
      t.equal((await running.result).exitCode, 0)
    })

    await t.test(
      'given a ledger from the walkthrough, when AUDIT_KEY is replaced, then npm start refuses the ledger, and says what to do',
      async (t) => {
        writeFileSync(envFile, `${envFileContents[0]}AUDIT_KEY=S3cr3t-of-another-ledger\n`)
        const { exitCode, stdout, stderr } = await runCommand('npm', ['start', '-s'], { PORT: '0' }, folder)
        t.strictSame([exitCode, stdout], [1, ''])
        t.match(
          stderr,
          /^handoff: AUDIT_KEY: is not the key that the audit trail in DATABASE_URL was written with\. Set that key again [^\n]+\n$/,
        )
        writeFileSync(envFile, String(envFileContents[0]))
        const { running } = await startService()
        running.child.kill('SIGTERM')
        t.equal((await running.result).exitCode, 0, 'the service starts with the former key')
      },
    )
  },
)
