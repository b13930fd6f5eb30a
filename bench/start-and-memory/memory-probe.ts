/** Loaded into a service with `--import`: at SIGWINCH, which the service does not use, writes its memory usage to the file HANDOFF_PROBE. */
import { writeFileSync } from 'node:fs'

process.on('SIGWINCH', () => {
  // Only where node runs with --expose-gc: what remains is live memory.
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  writeFileSync(String(process.env['HANDOFF_PROBE']), JSON.stringify(process.memoryUsage()))
})
