/** What a command does when nobody reads its output any more, as in `npm run transfers -- watch | head`. */

/** The exit code of a program that SIGPIPE ends, which is what shells expect then. */
const exitCode = 128 + 13

/** Ends the command at its next line of output, without a stack trace. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(exitCode)
  })
}
