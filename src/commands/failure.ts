/** How a command tells the user that it failed. */

/**
 * Prints what went wrong, each line with the command's name before it, and sets the exit code.
 * @param command the name of the npm script
 * @param exitCode 1 unless the command documents another one
 */
export function reportFailure(command: string, error: unknown, exitCode = 1): void {
  process.stderr.write(`${command}: ${(error as Error).message.replaceAll('\n', `\n${command}: `)}\n`)
  process.exitCode = exitCode
}
