/** How a command tells the user that it failed. */

/**
 * Prints the error's message, each line prefixed with the command's name, and sets the exit code.
 * @param command the name of the npm script
 * @param exitCode 1 unless the command documents another one
 */
export function reportFailure(command: string, error: unknown, exitCode = 1): void {
  process.stderr.write(`${command}: ${(error as Error).message.replaceAll('\n', `\n${command}: `)}\n`)
  process.exitCode = exitCode
}
