/** Where commands print secrets: when their output was redirected to a file, only its owner can read it. */
import { fchmodSync, fstatSync } from 'node:fs'

/** Prints text that contains a secret. A shell makes the file of `> .env` readable for everyone, so its mode is narrowed first. */
export function printSecret(text: string): void {
  try {
    if (fstatSync(process.stdout.fd).isFile()) fchmodSync(process.stdout.fd, 0o600)
  } catch {
    /* The file belongs to another user, who decides. */
  }
  process.stdout.write(`${text}\n`)
}
