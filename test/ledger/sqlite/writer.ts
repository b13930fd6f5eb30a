/** A process that writes transfers until it is killed, and prints a line for each acknowledged write. In mode `once` it appends one audit entry and exits. */
import { writeSync } from 'node:fs'
import { openLedger } from '../../../src/ledger/open.ts'
import { auditKey, createChange, createDraft, openAccepted, retryWhileUnavailable } from '../fixtures.ts'

const [, , path, mode] = process.argv
const printLine = (line: string): void => void writeSync(1, `${line}\n`)
printLine('started')
await new Promise((resolve) => process.stdin.once('data', resolve))
process.stdin.destroy()
const ledger = await retryWhileUnavailable(() => openLedger(`sqlite:${path}`, { auditKey }))

async function writeForever(): Promise<never> {
  for (;;) {
    let record = await openAccepted(ledger)
    printLine(`${record.id} accepted`)
    for (const state of ['executing', 'initiated', 'picked_up'] as const) {
      const change = createChange(record, state, { ...(state === 'initiated' && { initiatedAt: Date.now() }) })
      await ledger.writeChange(change)
      record = change.record
      printLine(`${record.id} ${state}`)
    }
  }
}
if (mode === 'once') {
  await retryWhileUnavailable(() => ledger.appendAudit(createDraft('started')))
  await ledger.close()
} else await Promise.all(Array.from({ length: 6 }, writeForever))
