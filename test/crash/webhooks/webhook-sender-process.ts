/** A sender as the proof sees it: started, and killed. */
import { fork } from 'node:child_process'
import { remark, type Tally } from '../harness/tally.ts'
import type { FromSender, SenderOrders } from './webhook-sender.ts'

export interface SenderProcess {
  /** It works, or it never will. */
  ready: Promise<void>
  /** SIGKILL; resolves when it is dead. */
  kill(): Promise<void>
}

/** Starts a sender; what it could not do is remarked, and that it died by itself is a finding. */
export function startSender(orders: SenderOrders, tally: Tally): SenderProcess {
  const child = fork(new URL('./webhook-sender.ts', import.meta.url), {
    execArgv: [],
    env: { PATH: process.env['PATH'], SENDER_ORDERS: JSON.stringify(orders) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  let ours = false
  const died = new Promise<void>((done) =>
    child.once('exit', (code, signal) => {
      if (!ours) tally.violations.push({ kind: 'harness', what: `the sender died by itself: ${signal ?? `code ${code}`}` })
      done()
    }),
  )
  const ready = new Promise<void>((done) =>
    child.on('message', (message: FromSender) => {
      if (message.ready) done()
      if (message.trouble) remark(tally, `the sender's trouble: ${message.trouble}`)
    }),
  )
  return {
    ready: Promise.race([ready, died]),
    async kill(): Promise<void> {
      ours = true
      child.kill('SIGKILL')
      await died
    },
  }
}
