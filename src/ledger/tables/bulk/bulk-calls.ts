/** The table of the calls that a bulk transfer moves, in the order in which it moves them. */
import type { BulkCallRecord, BulkCallState } from '../../../model/bulk-transfer.ts'
import type { Code } from '../../../model/problems.ts'
import type { State } from '../../../model/states.ts'
import { execute, queryRow, queryRows, type QueryGenerator, type Row } from '../../engine/query.ts'

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null)

const parseBulkCall = (row: Row): BulkCallRecord => ({
  position: Number(row['position']),
  conversationId: String(row['conversation_id']),
  waitingSince: Number(row['waiting_since']),
  priority: Number(row['priority']),
  state: String(row['state']) as BulkCallState,
  attempt: Number(row['attempt']),
  nextAt: Number(row['next_at']),
  transferId: textOrNull(row['transfer_id']),
  code: textOrNull(row['code']) as Code | null,
  message: textOrNull(row['message']),
})

/** The calls that are still to be tried or asked about again: `isLeftToTry` of the model as a condition. */
const isLeftToTry = "(state = 'pending' OR (state = 'unknown' AND next_at > 0))"

export const bulkCallsTable = {
  /** Adds calls that the bulk transfer does not have yet. */
  *add(bulkId: string, calls: readonly BulkCallRecord[]): QueryGenerator<void> {
    for (const { position, conversationId, waitingSince, priority } of calls)
      yield* execute(
        `INSERT INTO bulk_calls (bulk_id, position, conversation_id, waiting_since, priority, state, attempt, next_at)
         VALUES (:bulkId, :position, :conversationId, :waitingSince, :priority, 'pending', 0, 0) ON CONFLICT DO NOTHING`,
        { bulkId, position, conversationId, waitingSince, priority },
      )
  },
  /** All calls in order, each with the state of its transfer now. */
  *list(bulkId: string): QueryGenerator<Array<BulkCallRecord & { transferState: State | null }>> {
    const rows = yield* queryRows(
      'SELECT c.*, t.state AS transfer_state FROM bulk_calls c LEFT JOIN transfers t ON t.id = c.transfer_id WHERE c.bulk_id = :bulkId ORDER BY c.position',
      { bulkId },
    )
    return rows.map((row) => ({ ...parseBulkCall(row), transferState: textOrNull(row['transfer_state']) as State | null }))
  },
  /** The call that is being moved, if there is one; otherwise, if `canStart`, the first by position that is due. */
  *findNext(bulkId: string, now: number, canStart: boolean): QueryGenerator<BulkCallRecord | undefined> {
    const moving = yield* queryRow("SELECT * FROM bulk_calls WHERE bulk_id = :bulkId AND state = 'moving' ORDER BY position LIMIT 1", {
      bulkId,
    })
    if (moving) return parseBulkCall(moving)
    if (!canStart) return undefined
    const due = yield* queryRow(
      `SELECT * FROM bulk_calls WHERE bulk_id = :bulkId AND ${isLeftToTry} AND next_at <= :dueBy ORDER BY position LIMIT 1`,
      { bulkId, dueBy: now },
    )
    return due && parseBulkCall(due)
  },
  /** When the first call is due that is left to try, epoch ms; undefined: there is none. */
  *findNextTime(bulkId: string): QueryGenerator<number | undefined> {
    const row = yield* queryRow(`SELECT min(next_at) AS at FROM bulk_calls WHERE bulk_id = :bulkId AND ${isLeftToTry}`, { bulkId })
    const at = row?.['at'] ?? null
    return at === null ? undefined : Number(at)
  },
  *write(bulkId: string, { position, state, attempt, nextAt, transferId, code, message }: BulkCallRecord): QueryGenerator<void> {
    yield* execute(
      `UPDATE bulk_calls SET state = :state, attempt = :attempt, next_at = :nextAt, transfer_id = :transferId, code = :code, message = :message
       WHERE bulk_id = :bulkId AND position = :position`,
      { bulkId, position, state, attempt, nextAt, transferId, code, message },
    )
  },
  /** Marks the calls that were not tried, because the bulk transfer is cancelled. Nothing is asked about the others any more. */
  *cancelRest(bulkId: string): QueryGenerator<void> {
    yield* execute(
      `UPDATE bulk_calls SET state = CASE state WHEN 'pending' THEN 'cancelled' ELSE state END, next_at = 0
       WHERE bulk_id = :bulkId AND ${isLeftToTry}`,
      { bulkId },
    )
  },
  /**
   * Ends the calls that were being moved, or whose outcome was still to be asked for, in all bulk transfers, because it is not known whether
   * they were moved.
   * @returns how many
   */
  *giveUpUnfinished(message: string): QueryGenerator<number> {
    return yield* execute(
      `UPDATE bulk_calls SET state = 'unknown', next_at = 0, code = 'OUTCOME_UNKNOWN', message = :message
       WHERE state = 'moving' OR (state = 'unknown' AND next_at > 0)`,
      { message },
    )
  },
  /** How many calls are in each state that any is in. */
  *count(bulkId: string): QueryGenerator<Record<string, number>> {
    const rows = yield* queryRows('SELECT state, count(*) AS total FROM bulk_calls WHERE bulk_id = :bulkId GROUP BY state', { bulkId })
    return Object.fromEntries(rows.map((row) => [String(row['state']), Number(row['total'])]))
  },
}
