/** How the ledger proves that it can be written: it writes as much as a new transfer does, and deletes it in the same transaction. */
import { randomBytes } from 'node:crypto'
import type { Dialect } from '../engine/engine.ts'
import { execute, type QueryGenerator } from '../engine/query.ts'

/**
 * A new transfer changes up to 25 pages of 4 KiB, of tables and of their indexes, so a smaller write still succeeds on a disk that has no
 * room for a transfer. The text is random, so that PostgreSQL cannot compress it, and base64, so that both databases accept it.
 */
const probeText = randomBytes(96 * 1024).toString('base64')

/**
 * Writes and deletes a row. SQLite also writes the freed pages, because it overwrites deleted data (sqlite/open-file.ts), and the next probe uses
 * these pages again. PostgreSQL writes them to its log, and its vacuum frees the pages. No caller has the id '', so no request has this key.
 */
export function* probeWrite({ now }: Dialect, nodeId: string): QueryGenerator<void> {
  yield* execute(
    `INSERT INTO idempotency_keys (caller, key, fingerprint, transfer_id, body, created_at) VALUES ('', :node, '', '', :text, ${now})`,
    { node: nodeId, text: probeText },
  )
  yield* execute("DELETE FROM idempotency_keys WHERE caller = '' AND key = :node", { node: nodeId })
}
