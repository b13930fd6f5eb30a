/** How the examples in docs/webhooks/ are built and run in each language. A language that is not installed says so. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { verifyWebhook, WebhookError, type WebhookDelivery } from '../../../client/src/index.ts'
import { hasTransferSignature, isFromHandoff } from '../../../docs/webhooks/handoff-webhooks.ts'

/** A webhook as it was received, and the secrets that the receiver accepts. */
export interface Received {
  headers: Readonly<Record<string, string>>
  body: string
  secrets: readonly string[]
}
/** What the example says about each signature: `true`, `false`, or `error` for a secret that is none. */
export interface Answer {
  standard: string
  transfer: string
}
export interface Language {
  name: string
  /** Why it cannot be run here; undefined if it can. */
  findMissing: () => string | undefined
  /** Builds the example in an empty folder. */
  build: (folder: string) => Promise<void>
  /** @returns the answers for these webhooks, in order */
  verify: (folder: string, received: readonly Received[]) => Promise<Answer[]>
}

const examples = fileURLToPath(new URL('../../../docs/webhooks/', import.meta.url))
const runners = fileURLToPath(new URL('./', import.meta.url))

type Command = readonly [program: string, ...args: string[]]

/** Runs a command. The service under test runs in this process, so nothing here may block it while a compiler works. */
async function run([program, ...args]: Command, cwd: string, input = ''): Promise<string> {
  const env = {
    ...process.env,
    GOFLAGS: '-mod=mod',
    GOPROXY: 'off',
    GOTOOLCHAIN: 'local',
    DOTNET_CLI_TELEMETRY_OPTOUT: '1',
    DOTNET_NOLOGO: '1',
  }
  const child = spawn(program, args, { cwd, env, timeout: 240_000 })
  child.stdin.end(input)
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}${stdout}`)
  return stdout
}
const isInstalled = ([program, ...args]: Command): boolean => spawnSync(program, args).status === 0

/** One line: secrets and body, then the headers in the order in which the runners name them; each in base64. */
function toLine({ headers, body, secrets }: Received): string {
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature', 'x-transfer-signature']
  return [secrets.join(' '), body, ...names.map((name) => headers[name] ?? '')]
    .map((text) => Buffer.from(text).toString('base64'))
    .join(',')
}
function parseLine(line: string): Answer {
  const [standard = '', transfer = ''] = line.trim().split(' ')
  return { standard, transfer }
}

/**
 * A language whose example is run by a program that reads lines.
 * @param files paths in the folder, with the files that are copied there
 * @param build commands that are run first
 */
function compiled(
  name: string,
  probes: readonly Command[],
  files: Readonly<Record<string, string>>,
  build: readonly Command[],
  command: Command,
  texts: Readonly<Record<string, () => string>> = {},
): Language {
  return {
    name,
    findMissing: () => {
      const missing = probes.find((probe) => !isInstalled(probe))
      return missing && `${missing.join(' ')} fails: ${name} is not installed`
    },
    async build(folder) {
      for (const [path, source] of Object.entries(files)) {
        mkdirSync(join(folder, path, '..'), { recursive: true })
        copyFileSync(source, join(folder, path))
      }
      for (const [path, write] of Object.entries(texts)) writeFileSync(join(folder, path), write())
      for (const step of build) await run(step, folder)
    },
    async verify(folder, received) {
      const output = await run(command, folder, received.map((one) => `${toLine(one)}\n`).join(''))
      return output.trimEnd().split('\n').map(parseLine)
    },
  }
}

function ask(verify: () => boolean): string {
  try {
    return String(verify())
  } catch {
    return 'error'
  }
}
const typescript: Language = {
  name: 'TypeScript',
  findMissing: () => undefined,
  build: async () => {},
  verify: async (_folder, received) =>
    received.map(({ headers, body, secrets }) => ({
      standard: ask(() => isFromHandoff(headers, Buffer.from(body), secrets)),
      transfer: ask(() => hasTransferSignature(headers, Buffer.from(body), secrets)),
    })),
}

async function askClient(delivery: WebhookDelivery): Promise<string> {
  try {
    await verifyWebhook(delivery)
    return 'true'
  } catch (error) {
    return error instanceof WebhookError ? 'false' : 'error'
  }
}
const client: Language = {
  name: 'TypeScript with the client',
  findMissing: () => undefined,
  build: async () => {},
  verify: (_folder, received) =>
    Promise.all(
      received.map(async (one) => ({
        standard: await askClient(one),
        transfer: await askClient({ ...one, signature: 'x-transfer-signature' }),
      })),
    ),
}

const csharpFiles = { 'HandoffWebhooks.cs': `${examples}HandoffWebhooks.cs`, 'Run.cs': `${runners}Run.cs` }
/** A project for the .NET that is installed: `net8.0` for an SDK 8.0.100. */
const createProject = (): string => `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net${spawnSync('dotnet', ['--version'], { encoding: 'utf8' }).stdout.split('.')[0]}.0</TargetFramework>
    <UseAppHost>false</UseAppHost>
  </PropertyGroup>
</Project>
`

export const languages: readonly Language[] = [
  typescript,
  client,
  compiled(
    'Python',
    [['python3', '-c', 'import sys; sys.exit(sys.version_info < (3, 9))']],
    { 'handoff_webhooks.py': `${examples}handoff_webhooks.py`, 'run.py': `${runners}run.py` },
    [],
    ['python3', 'run.py'],
  ),
  compiled(
    'Java',
    [['javac', '-version']],
    { 'HandoffWebhooks.java': `${examples}HandoffWebhooks.java`, 'Run.java': `${runners}Run.java` },
    [['javac', '-encoding', 'UTF-8', '--release', '17', '-Xlint:all', '-Werror', 'HandoffWebhooks.java', 'Run.java']],
    ['java', '-cp', '.', 'Run'],
  ),
  compiled(
    'Go',
    [['go', 'version']],
    { 'handoff/handoff_webhooks.go': `${examples}handoff_webhooks.go`, 'run.go': `${runners}run.go` },
    [
      ['go', 'vet', './...'],
      ['go', 'build', '-o', 'run', '.'],
    ],
    ['./run'],
    { 'go.mod': () => 'module example.com/run\n\ngo 1.19\n' },
  ),
  compiled('C# on .NET', [['dotnet', '--version']], csharpFiles, [['dotnet', 'build', '--output', 'out']], ['dotnet', 'out/run.dll'], {
    'run.csproj': createProject,
  }),
  compiled(
    'C# on Mono',
    [
      ['mcs', '--version'],
      ['mono', '--version'],
    ],
    csharpFiles,
    [['mcs', '-warnaserror', '-out:run.exe', 'HandoffWebhooks.cs', 'Run.cs']],
    ['mono', 'run.exe'],
  ),
]
