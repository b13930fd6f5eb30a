/** How commands print secrets: if the output is redirected to a file, only the file's owner can read it. */
import { fchmodSync, fstatSync } from 'node:fs'

/** Prints text that contains a secret. For `> .env` a shell creates a file that everyone can read, so the mode of the file is changed first. */
export function printSecret(text: string): void {
  try {
    if (fstatSync(process.stdout.fd).isFile()) fchmodSync(process.stdout.fd, 0o600)
  } catch {
    /* The file belongs to another user, so its mode cannot be changed. */
  }
  process.stdout.write(`${text}\n`)
}
