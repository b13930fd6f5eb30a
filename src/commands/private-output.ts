/** How commands print secrets: if the output is redirected to a file of this user, nobody else can read it. */
import { fchmodSync, fstatSync } from 'node:fs'

/** Prints text that contains a secret. For `> .env` a shell creates a file that everyone can read, so the mode of the file is changed first. */
export function printSecret(text: string): void {
  try {
    if (fstatSync(process.stdout.fd).isFile()) fchmodSync(process.stdout.fd, 0o600)
  } catch {
    // The file belongs to another user, so its mode cannot be changed. The secret is printed nevertheless: it exists nowhere else.
  }
  process.stdout.write(`${text}\n`)
}
