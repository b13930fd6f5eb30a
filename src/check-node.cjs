/** Whether this Node.js can run the service. Every npm script loads this file first, because an older Node.js fails at TypeScript with a message that names no cure. */
'use strict'

// `process.features.typescript` is "strip" from 22.18 and 23.6 on, and absent in versions that know nothing of TypeScript.
if (!process.features.typescript) {
  process.stderr.write(
    `handoff: needs Node.js 22.18 or later, and this is ${process.version}. On Linux, "npm ci" installs the right version for npm scripts, and node_modules/.bin/node is it.\n`,
  )
  process.exit(1)
}
