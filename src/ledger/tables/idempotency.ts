/** Idempotency keys: taken with the transfer they open, answered with its outcome, forgotten after their time. */
import type { Answer, KeyUse } from '../ledger.ts'
import { one, run, type Dialect, type Row, type QueryGenerator } from '../steps.ts'

export interface UsedKey {
  fingerprint: string
  transferId: string
  answer: Answer | undefined
}

const answerIn = (row: Row): Answer | undefined =>
  row['status'] === null ? undefined : { status: Number(row['status']), body: String(row['body']) }

export function idempotencyTable({ now, skipLocked, elements }: Dialect) {
  return {
    *find({ caller, key }: KeyUse): QueryGenerator<UsedKey | undefined> {
      const row = yield* one('SELECT * FROM idempotency_keys WHERE caller = :caller AND key = :key', { caller, key })
      return row && { fingerprint: String(row['fingerprint']), transferId: String(row['transfer_id']), answer: answerIn(row) }
    },
    *answerOf(transferId: string): QueryGenerator<Answer | undefined> {
      const row = yield* one('SELECT status, body FROM idempotency_keys WHERE transfer_id = :transferId', { transferId })
      return row && answerIn(row)
    },
    /** Takes a key that nobody uses, or whose transfer is forgotten. */
    *take({ caller, key, fingerprint }: KeyUse, transferId: string): QueryGenerator<void> {
      yield* run(
        `INSERT INTO idempotency_keys (caller, key, fingerprint, transfer_id, created_at) VALUES (:caller, :key, :fingerprint, :transferId, ${now})
         ON CONFLICT (caller, key) DO UPDATE SET fingerprint = excluded.fingerprint, transfer_id = excluded.transfer_id, status = NULL, body = NULL, created_at = excluded.created_at`,
        { caller, key, fingerprint, transferId },
      )
    },
    *answer(transferId: string, answer: Answer | 'release'): QueryGenerator<void> {
      if (answer === 'release') yield* run('DELETE FROM idempotency_keys WHERE transfer_id = :transferId', { transferId })
      else
        yield* run('UPDATE idempotency_keys SET status = :status, body = :body WHERE transfer_id = :transferId', {
          transferId,
          status: answer.status,
          body: answer.body,
        })
    },
    /** Takes what was asked and answered out of the keys of transfers: whoever comes with one again is told that it was used. */
    *erase(transferIds: string[]): QueryGenerator<void> {
      yield* run(
        `UPDATE idempotency_keys SET fingerprint = 'erased', status = NULL, body = NULL WHERE transfer_id IN (${elements('ids')})`,
        { ids: JSON.stringify(transferIds) },
      )
    },
    /** Forgets keys taken before `before` (epoch ms) whose transfer is final or forgotten, at most `limit` of them. How many. */
    *forget(before: number, limit: number): QueryGenerator<number> {
      return yield* run(
        `WITH old AS MATERIALIZED (
           SELECT caller, key FROM idempotency_keys k WHERE created_at < :before AND NOT EXISTS (SELECT 1 FROM transfers WHERE id = k.transfer_id AND open = 1) ORDER BY created_at LIMIT :limit ${skipLocked})
         DELETE FROM idempotency_keys WHERE (caller, key) IN (SELECT caller, key FROM old)`,
        { before, limit },
      )
    },
  }
}
export type IdempotencyTable = ReturnType<typeof idempotencyTable>
