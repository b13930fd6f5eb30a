/** Fills a SQLite ledger with finished transfers, much faster than the service could create them. */
import { DatabaseSync } from 'node:sqlite'

/**
 * Copies the only transfer of the file `transfers` times, with other IDs and conversations, each 50 ms older than the one before, and each
 * with a webhook and an audit row. The hashes of these audit rows are not valid, but this benchmark does not verify them.
 */
export function fillLedger(path: string, transfers: number): void {
  const file = new DatabaseSync(path)
  file.exec(`PRAGMA synchronous = OFF; BEGIN;
    CREATE TEMP TABLE numbers AS WITH RECURSIVE counting(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counting WHERE n < ${transfers}) SELECT n FROM counting;
    CREATE TEMP TABLE one AS SELECT * FROM transfers LIMIT 1;
    INSERT INTO transfers (id, conversation_id, identity, state, code, open, moved, created_at, latency_ms, pickup_ms, owner, fence, record, queue_id, requested_by)
      SELECT printf('01900000-%04x-7000-8000-%012x', n / 65536, n), printf('c0000000-0000-4000-8000-%012x', n), identity || n, 'picked_up', NULL, 0, 1,
      created_at - n * 50, 170 + n % 40, 3000 + n % 9000, 'gone', 1, record, queue_id, requested_by FROM one, numbers;
    INSERT INTO deliveries (id, endpoint, transfer_id, conversation_id, type, body, state, attempts, tries, next_at, claimed_by, created_at, updated_at)
      SELECT printf('evt_%d', n), 'ep_000000000000', printf('01900000-%04x-7000-8000-%012x', n / 65536, n), printf('c0000000-0000-4000-8000-%012x', n), 'transfer.picked_up',
      record, 'delivered', '[]', 1, NULL, NULL, created_at - n * 50, created_at - n * 50 FROM one, numbers;
    INSERT INTO audit (chain, place, at, transfer_id, conversation_id, entry, hash)
      SELECT 'old', n, created_at - (${transfers} - n) * 50, printf('01900000-%04x-7000-8000-%012x', n / 65536, n), printf('c0000000-0000-4000-8000-%012x', n), record, 'x' FROM one, numbers;
    COMMIT; PRAGMA wal_checkpoint(TRUNCATE)`)
  file.close()
}
