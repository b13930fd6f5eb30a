/** Loaded into a service with `--import`: on SIGWINCH (which the service leaves alone) writes what its memory is made of to HANDOFF_PROBE, after a collection where Node runs with --expose-gc. */
import { writeFileSync } from 'node:fs'

process.on('SIGWINCH', () => {
  globalThis.gc?.()
  writeFileSync(String(process.env['HANDOFF_PROBE']), JSON.stringify(process.memoryUsage()))
})
