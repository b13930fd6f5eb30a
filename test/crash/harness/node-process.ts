/** A node as a test sees it: a process that is started, armed at a crash point, killed and stopped. */
import { fork } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FaultAction } from './fault-injector.ts'
import { createMessageWaiter } from './message-waiter.ts'
import type { FromNode, ToNode } from './node.ts'

export interface NodeProcess {
  /** Empty until the node listens. */
  url: string
  /** Resolves with the signal or exit code that ended the process. */
  died: Promise<string>
  /** Resolves when the node is armed. @throws Error when it dies before that */
  arm(name: string, action: FaultAction): Promise<void>
  disarm(): void
  /** Lets the call that is held at a point continue. */
  release(): void
  /** Resolves when the node reports that it reached the point. @throws Error when it dies before that */
  whenReached(name: string): Promise<void>
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void
  /** The last lines that the node wrote, oldest first. */
  recentOutput(): readonly string[]
}

const program = join(import.meta.dirname, 'node.ts')
const keptLines = 60
/** Shared by all nodes, so that the sources are compiled only once. */
const compileCache = join(tmpdir(), 'handoff-crash-compile-cache')

/** Starts a node. `whenListening` rejects when it dies before it listens. */
export function spawnNode(settings: Record<string, string>): { node: NodeProcess; whenListening: Promise<NodeProcess> } {
  const child = fork(program, {
    execArgv: [],
    env: { NODE_COMPILE_CACHE: compileCache, PATH: process.env['PATH'], ...settings },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let output: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = [...output, ...text.trimEnd().split('\n')].slice(-keptLines)
    })

  const messages = createMessageWaiter<FromNode>()
  const died = new Promise<string>((resolve) =>
    child.once('exit', (code, signal) => {
      const cause = signal ?? `code ${code}`
      messages.fail(new Error(`the node died (${cause}); its last output: ${output.slice(-3).join(' | ')}`))
      resolve(cause)
    }),
  )
  child.on('message', (message: FromNode) => {
    if ('listening' in message) node.url = message.listening
    messages.receive(message)
  })
  const send = (message: ToNode): void => void (child.connected && child.send(message))

  const node: NodeProcess = {
    url: '',
    died,
    async arm(name, action) {
      const armed = messages.waitFor((message) => 'armed' in message && message.armed === name)
      send({ arm: name, action })
      await armed
    },
    disarm: () => send({ disarm: true }),
    release: () => send({ release: true }),
    whenReached: (name) => messages.waitFor((message) => 'reached' in message && message.reached === name),
    signal: (signal) => void child.kill(signal),
    recentOutput: () => output,
  }
  return { node, whenListening: messages.waitFor((message) => 'listening' in message).then(() => node) }
}
