/** The ledger's tables, as migrations that only go forward. They are the same for both databases, except for two column types. A released migration never changes. */

/** Where the databases' table definitions differ. */
export interface ColumnTypes {
  /** A primary key that the database numbers automatically. */
  serial: string
  /** Text that is compared byte by byte. */
  text: string
}

export const sqliteColumnTypes: ColumnTypes = { serial: 'INTEGER PRIMARY KEY AUTOINCREMENT', text: 'TEXT' }
export const postgresColumnTypes: ColumnTypes = {
  serial: 'bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
  text: 'text COLLATE "C"',
}

/** The error for a ledger that a newer version of Handoff has written; it is left unchanged. */
export const createNewerVersionError = (version: number, knownVersion: number): Error =>
  new Error(
    `the ledger was written by a newer version (${version}, this one knows ${knownVersion}). Start that version again, or restore a backup from before the upgrade (docs/upgrade.md#go-back)`,
  )

/** The migrations in order. The ledger's version is the number of migrations that it has had. */
export const createMigrations = ({ serial, text }: ColumnTypes): readonly string[] => [
  `
  CREATE TABLE nodes (id ${text} PRIMARY KEY, host ${text} NOT NULL, pid integer NOT NULL, lease_until bigint NOT NULL);

  CREATE TABLE transfers (
    id ${text} PRIMARY KEY, conversation_id ${text} NOT NULL, identity ${text} NOT NULL, state ${text} NOT NULL, code ${text},
    open integer NOT NULL, moved integer NOT NULL, created_at bigint NOT NULL, latency_ms bigint, pickup_ms bigint,
    owner ${text} NOT NULL, fence bigint NOT NULL, record ${text} NOT NULL
  );
  CREATE UNIQUE INDEX one_at_a_time ON transfers (conversation_id) WHERE state IN ('accepted', 'executing', 'indeterminate');
  CREATE INDEX transfers_of_conversation ON transfers (conversation_id, created_at, id);
  CREATE INDEX transfers_by_time ON transfers (created_at, id, state, code, moved, latency_ms, pickup_ms);
  CREATE INDEX transfers_by_state ON transfers (state, created_at, id);
  CREATE INDEX open_transfers ON transfers (id, owner) WHERE open = 1;

  CREATE TABLE idempotency_keys (
    caller ${text} NOT NULL, key ${text} NOT NULL, fingerprint ${text} NOT NULL, transfer_id ${text} NOT NULL, status integer, body ${text}, created_at bigint NOT NULL,
    PRIMARY KEY (caller, key)
  );
  CREATE INDEX keys_of_transfer ON idempotency_keys (transfer_id);
  CREATE INDEX keys_by_age ON idempotency_keys (created_at);

  CREATE TABLE audit (
    seq ${serial}, chain ${text} NOT NULL, place bigint NOT NULL, at bigint NOT NULL, transfer_id ${text}, conversation_id ${text}, entry ${text} NOT NULL, hash ${text} NOT NULL,
    UNIQUE (chain, place)
  );
  CREATE INDEX audit_of_transfer ON audit (transfer_id, seq);
  CREATE INDEX audit_by_time ON audit (at, seq);

  CREATE TABLE deliveries (
    seq ${serial}, id ${text} NOT NULL UNIQUE, transfer_id ${text} NOT NULL, conversation_id ${text} NOT NULL, type ${text} NOT NULL, body ${text} NOT NULL,
    state ${text} NOT NULL, attempts ${text} NOT NULL, tries integer NOT NULL, next_at bigint, claimed_by ${text}, created_at bigint NOT NULL, updated_at bigint NOT NULL
  );
  CREATE INDEX deliveries_due ON deliveries (next_at) WHERE next_at IS NOT NULL;
  CREATE INDEX deliveries_of_transfer ON deliveries (transfer_id, seq);
  CREATE INDEX deliveries_by_state ON deliveries (state, seq);

  CREATE TABLE api_keys (
    id ${text} PRIMARY KEY, hash ${text} NOT NULL, scopes ${text} NOT NULL, queues ${text}, label ${text} NOT NULL, created_at bigint NOT NULL, revoked_at bigint
  );
  `,
  `
  ALTER TABLE deliveries ADD COLUMN endpoint ${text} NOT NULL DEFAULT '';
  ALTER TABLE deliveries ADD COLUMN traceparent ${text};
  DROP INDEX deliveries_due;
  CREATE INDEX deliveries_due ON deliveries (endpoint, next_at) WHERE next_at IS NOT NULL;
  CREATE INDEX deliveries_waiting ON deliveries (transfer_id, endpoint, seq) WHERE next_at IS NOT NULL;
  CREATE INDEX deliveries_by_time ON deliveries (created_at, seq);
  CREATE INDEX deliveries_of_conversation ON deliveries (conversation_id, seq);

  CREATE TABLE webhook_endpoints (
    id ${text} PRIMARY KEY, failing_since bigint, failures integer NOT NULL DEFAULT 0, paused_at bigint, probe_at bigint
  );

  ALTER TABLE audit ADD COLUMN personal ${text};
  CREATE INDEX audit_of_conversation ON audit (conversation_id, at, seq);
  CREATE TABLE audit_heads (chain ${text} PRIMARY KEY, place bigint NOT NULL, at bigint NOT NULL, hash ${text} NOT NULL, seal ${text} NOT NULL);
  `,
  // Rows of the audit trail that were committed and have no position in their chain yet (docs/architecture.md#audit-trail). In SQLite this table stays empty.
  `
  CREATE TABLE unsealed_audit (
    chain ${text} NOT NULL, ticket bigint NOT NULL, conversation_id ${text}, entry ${text} NOT NULL, personal ${text}, hash ${text} NOT NULL, PRIMARY KEY (chain, ticket)
  );
  `,
  // Rows of earlier versions have null in these columns: their queue and their requester are in the record only (tables/summary-groups.ts).
  `
  ALTER TABLE transfers ADD COLUMN reason ${text};
  ALTER TABLE transfers ADD COLUMN queue_id ${text};
  ALTER TABLE transfers ADD COLUMN requested_by ${text};
  CREATE INDEX transfers_by_reason ON transfers (reason, created_at, id) WHERE reason IS NOT NULL;
  CREATE INDEX transfers_without_requester ON transfers (created_at) WHERE requested_by IS NULL;
  DROP INDEX transfers_by_time;
  CREATE INDEX transfers_by_time ON transfers (created_at, id, state, code, moved, latency_ms, pickup_ms, reason, queue_id, requested_by);
  `,
  `
  CREATE INDEX transfers_by_queue ON transfers (queue_id, created_at, id) WHERE queue_id IS NOT NULL;
  CREATE INDEX transfers_by_code ON transfers (code, created_at, id) WHERE code IS NOT NULL;
  CREATE INDEX transfers_by_requester ON transfers (requested_by, created_at, id) WHERE requested_by IS NOT NULL;
  `,
  // Bulk transfers, and the calls that each of them moves.
  `
  CREATE TABLE bulk_transfers (
    id ${text} PRIMARY KEY, open integer NOT NULL, owner ${text} NOT NULL, fence bigint NOT NULL, created_at bigint NOT NULL, record ${text} NOT NULL
  );
  CREATE INDEX open_bulk_transfers ON bulk_transfers (id, owner) WHERE open = 1;
  CREATE INDEX bulk_transfers_by_time ON bulk_transfers (created_at);

  CREATE TABLE bulk_calls (
    bulk_id ${text} NOT NULL, position integer NOT NULL, conversation_id ${text} NOT NULL, waiting_since bigint NOT NULL, priority integer NOT NULL,
    state ${text} NOT NULL, attempt integer NOT NULL, next_at bigint NOT NULL, transfer_id ${text}, code ${text}, message ${text},
    PRIMARY KEY (bulk_id, position), UNIQUE (conversation_id, bulk_id)
  );
  `,
]
