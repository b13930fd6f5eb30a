/** Fills a PostgreSQL ledger with finished transfers, much faster than the service could create them. */
import type { TestPostgres } from '../../test/support/postgres.ts'

// SQL for the ids of the transfer with the number `n`: UUIDs that contain the number.
const id = "format('01900000-%s-7000-8000-%s', lpad(to_hex(n / 65536), 4, '0'), lpad(to_hex(n), 12, '0'))"
const conversation = "format('c0000000-0000-4000-8000-%s', lpad(to_hex(n), 12, '0'))"

/**
 * Copies the only transfer of a ledger `transfers` times, with other IDs and conversations, each 50 ms older than the one before, and each
 * with a webhook, an idempotency key and an audit row. The hashes of these audit rows are not valid, so the audit trail cannot be verified.
 * Vacuums and analyzes the tables, as PostgreSQL does regularly.
 */
export async function fillDatabase(server: TestPostgres, url: string, transfers: number): Promise<void> {
  const numbers = `generate_series(1, ${transfers}) AS n`
  await server.sql(
    `CREATE TABLE one AS SELECT * FROM transfers LIMIT 1;
    INSERT INTO transfers (id, conversation_id, identity, state, code, open, moved, created_at, latency_ms, pickup_ms, owner, fence, record, queue_id, requested_by)
      SELECT ${id}, ${conversation}, identity || n, 'picked_up', NULL, 0, 1, created_at - n * 50, 170 + n % 40, 3000 + n % 9000, 'gone', 1, record, queue_id, requested_by
      FROM one, ${numbers};
    INSERT INTO deliveries (id, endpoint, transfer_id, conversation_id, type, body, state, attempts, tries, next_at, claimed_by, created_at, updated_at)
      SELECT 'evt_' || n, 'ep_000000000000', ${id}, ${conversation}, 'transfer.picked_up', record, 'delivered', '[]', 1, NULL, NULL,
        created_at - n * 50, created_at - n * 50
      FROM one, ${numbers};
    INSERT INTO idempotency_keys (caller, key, fingerprint, transfer_id, status, body, created_at)
      SELECT 'old', 'key ' || n, 'x', ${id}, 202, '{}', created_at - n * 50 FROM one, ${numbers};
    INSERT INTO audit (chain, place, at, transfer_id, conversation_id, entry, hash)
      SELECT 'old', n, created_at - (${transfers} - n) * 50, ${id}, ${conversation}, record, 'x' FROM one, ${numbers};
    DROP TABLE one`,
    [],
    url,
  )
  await server.sql('VACUUM (ANALYZE)', [], url)
  await server.sql('CHECKPOINT', [], url)
}
