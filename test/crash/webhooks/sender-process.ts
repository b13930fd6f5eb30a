/** The sender as the campaign sees it: a process that is started and killed. */
import { fork } from 'node:child_process'
import { addCount, violation, type CampaignResult } from '../harness/campaign-result.ts'
import type { FromSender, SenderOptions } from './sender.ts'

interface SenderProcess {
  /** Resolves when the sender works, or has died. */
  ready: Promise<void>
  /** Sends SIGKILL; resolves when the process is dead. */
  kill(): Promise<void>
}

/** Starts one process. Its problems are counted; a death that is not a kill is a violation. */
function startSender(options: SenderOptions, result: CampaignResult): SenderProcess {
  const child = fork(new URL('./sender.ts', import.meta.url), {
    execArgv: [],
    env: { PATH: process.env['PATH'], SENDER_OPTIONS: JSON.stringify(options) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  let isKilled = false
  const died = new Promise<void>((resolve) =>
    child.once('exit', (code, signal) => {
      if (!isKilled) result.violations.push(violation('harness', `the sender died by itself: ${signal ?? `code ${code}`}`))
      resolve()
    }),
  )
  const ready = new Promise<void>((resolve) =>
    child.on('message', (message: FromSender) => {
      if ('ready' in message) resolve()
      else addCount(result, `problems of the sender: ${message.problem}`)
    }),
  )
  return {
    ready: Promise.race([ready, died]),
    async kill() {
      isKilled = true
      child.kill('SIGKILL')
      await died
    },
  }
}

export interface RestartableSender {
  /** Kills the process; resolves when it is dead. Safe to call again. */
  kill(): Promise<void>
  /** Starts a new process; resolves when it works, or has died. */
  restart(): Promise<void>
}

/** Starts a sender that can be killed and started again. */
export function createRestartableSender(options: SenderOptions, result: CampaignResult): RestartableSender {
  let current = startSender(options, result)
  return {
    kill: () => current.kill(),
    restart() {
      current = startSender(options, result)
      return current.ready
    },
  }
}
