/** A node as the test sees it: a process that is started, armed, killed, stopped, and whose last words are kept. */
import { fork } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Action } from './armed.ts'
import type { FromNode, ToNode } from './node.ts'

export interface NodeProcess {
  url: string
  /** Resolves with the signal or exit code that ended it. */
  died: Promise<string>
  alive(): boolean
  arm(name: string, action: Action): Promise<void>
  disarm(): void
  /** Lets go what waits at a point. */
  release(): void
  /** Resolves when the node says that it passed the point. */
  passed(name: string): Promise<void>
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void
  /** The last lines of its log. */
  words(): string
}

const program = join(import.meta.dirname, 'node.ts')
const kept = 60
/** What is compiled once is not compiled again for every node. */
const compileCache = join(tmpdir(), 'handoff-crash-compile-cache')

/** Starts a node; `whenListening` rejects when it died before. */
export function spawnNode(settings: Record<string, string>): { node: NodeProcess; whenListening: Promise<NodeProcess> } {
  const child = fork(program, {
    execArgv: [],
    env: { NODE_COMPILE_CACHE: compileCache, PATH: process.env['PATH'], ...settings },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const lines: string[] = []
  const waiting = new Set<{ wanted: (message: FromNode) => boolean; done: () => void; failed: (why: Error) => void }>()
  let ended: string | undefined
  for (const stream of [child.stdout, child.stderr])
    stream
      ?.setEncoding('utf8')
      .on('data', (text: string) => void lines.splice(0, lines.length, ...[...lines, ...text.trimEnd().split('\n')].slice(-kept)))

  const died = new Promise<string>((resolve) =>
    child.once('exit', (code, signal) => {
      ended = signal ?? `code ${code}`
      for (const one of waiting) one.failed(new Error(`the node died (${ended}) before: ${lines.slice(-3).join(' | ')}`))
      resolve(ended)
    }),
  )
  function heard(wanted: (message: FromNode) => boolean): Promise<void> {
    const message = new Promise<void>((done, failed) => {
      if (ended) return failed(new Error(`the node is dead (${ended})`))
      const one = {
        wanted,
        done: () => {
          waiting.delete(one)
          done()
        },
        failed,
      }
      waiting.add(one)
    })
    // A node that dies before it says so is only a failure to those who still wait for it.
    message.catch(() => {})
    return message
  }
  child.on('message', (message: FromNode) => {
    if ('listening' in message) node.url = message.listening
    for (const one of waiting) if (one.wanted(message)) one.done()
  })
  const send = (message: ToNode): void => void (child.connected && child.send(message))

  const node: NodeProcess = {
    url: '',
    died,
    alive: () => ended === undefined,
    async arm(name, action) {
      const armed = heard((message) => 'armed' in message && message.armed === name)
      send({ arm: name, action })
      await armed
    },
    disarm: () => send({ disarm: true }),
    release: () => send({ release: true }),
    passed: (name) => heard((message) => 'passed' in message && message.passed === name),
    signal: (signal) => void child.kill(signal),
    words: () => lines.join('\n'),
  }
  return { node, whenListening: heard((message) => 'listening' in message).then(() => node) }
}
