/** Loaded into a service with `--import`: on SIGWINCH (which the service leaves alone) writes what its memory is made of to HANDOFF_PROBE, after collecting all that can go where Node runs with --expose-gc. */
import { writeFileSync } from 'node:fs'

process.on('SIGWINCH', () => {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  writeFileSync(String(process.env['HANDOFF_PROBE']), JSON.stringify(process.memoryUsage()))
})
