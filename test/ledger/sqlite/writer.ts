/** A process that writes transfers until it is killed, and prints a line for each write that was acknowledged. `once`: one note, then it ends. */
import { writeSync } from 'node:fs'
import { openLedger } from '../../../src/ledger/open.ts'
import { accepted, auditKey, change, draft } from '../scene.ts'

const [, , path, how] = process.argv
const say = (line: string): void => void writeSync(1, `${line}\n`)
say('here')
await new Promise((go) => process.stdin.once('data', go))
process.stdin.destroy()
const ledger = await openLedger(`sqlite:${path}`, { auditKey })

async function write(): Promise<never> {
  for (;;) {
    let record = await accepted(ledger)
    say(`${record.id} accepted`)
    for (const state of ['executing', 'initiated', 'picked_up'] as const) {
      const next = change(record, state, { ...(state === 'initiated' && { initiatedAt: Date.now() }) })
      await ledger.record(next)
      record = next.record
      say(`${record.id} ${state}`)
    }
  }
}
if (how === 'once') {
  await ledger.note(draft('here'))
  await ledger.close()
} else await Promise.all(Array.from({ length: 6 }, write))
