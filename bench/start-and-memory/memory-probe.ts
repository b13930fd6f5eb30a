/** Loaded into a service with `--import`: on SIGWINCH, which the service does not use, it writes the memory usage to the file that the environment variable HANDOFF_PROBE names. */
import { writeFileSync } from 'node:fs'

process.on('SIGWINCH', () => {
  // With --expose-gc, garbage is collected first, so that only live memory is reported.
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  writeFileSync(String(process.env['HANDOFF_PROBE']), JSON.stringify(process.memoryUsage()))
})
