/** The transfers' rows: opened under a lock, changed by compare-and-set on state, owner and fence, claimed when their owner is gone. */
import { type TransferRecord } from '../../model/transfer.ts'
import { isFinal } from '../../model/states.ts'
import { StaleRecord, StillOpen, type Change, type Opened, type Opening, type Page, type TransferFilter } from '../ledger.ts'
import { all, one, run, type Dialect, type Row, type QueryGenerator, type Values } from '../steps.ts'
import type { IdempotencyTable } from './idempotency.ts'
import { byKey, findConflict, startingFrom, type Past } from './opening.ts'
import { conditions, pageOf } from './paging.ts'

const recordOf = (row: Row): TransferRecord => ({
  ...(JSON.parse(String(row['record'])) as TransferRecord),
  owner: String(row['owner']),
  fence: Number(row['fence']),
})
const pastOf = (row: Row): Past => ({
  record: recordOf(row),
  identity: String(row['identity']),
  open: row['open'] === 1,
  moved: row['moved'] === 1,
})

/** The columns that a change writes, and what they are in a record. */
const changing = 'state = :state, code = :code, open = :open, moved = :moved, latency_ms = :latency, pickup_ms = :pickup, record = :record'
const changed = (record: TransferRecord): Values => ({
  id: record.id,
  state: record.state,
  code: record.code,
  open: Number(!isFinal(record.state) || record.lateWatch),
  moved: Number(record.initiatedAt !== null),
  latency: record.latencyMs,
  pickup: record.pickupMs,
  record: JSON.stringify(record),
})
const recordColumns = 'record, owner, fence'
const from = (columns: string): string => `SELECT ${columns} FROM transfers WHERE`
const ofConversation = `${from(recordColumns)} conversation_id = :conversation`
const pastOfConversation = `${from(`${recordColumns}, identity, open, moved`)} conversation_id = :conversation`

export function transfersTable({ forUpdate, skipLocked, elements, exclusively }: Dialect, node: string, keys: IdempotencyTable) {
  function* find(id: string): QueryGenerator<TransferRecord | undefined> {
    const row = yield* one(`${from(recordColumns)} id = :id`, { id })
    return row && recordOf(row)
  }

  return {
    find,
    *open({ record, identity, key }: Opening): QueryGenerator<Opened> {
      const conversation = record.conversationId
      yield* exclusively([`conversation ${conversation}`, ...(key ? [`key ${key.caller} ${key.key}`] : [])])
      const used = key && (yield* keys.find(key))
      const known = used && byKey(used, key, yield* find(used.transferId))
      if (known) return known
      const past = (yield* all(`${pastOfConversation} AND (open = 1 OR moved = 1) ORDER BY id DESC`, { conversation })).map(pastOf)
      const obstacle = findConflict(past, key ? undefined : identity)
      if (obstacle) return obstacle
      const opened: TransferRecord = { ...record, ...startingFrom(past), owner: node, fence: 1 }
      yield* run(
        `INSERT INTO transfers (id, conversation_id, identity, state, code, open, moved, created_at, latency_ms, pickup_ms, owner, fence, record)
         VALUES (:id, :conversation, :identity, :state, :code, :open, :moved, :created, :latency, :pickup, :node, 1, :record)`,
        { ...changed(opened), conversation, identity, created: Date.parse(record.createdAt), node },
      )
      if (key) yield* keys.take(key, record.id)
      return { outcome: 'accepted', record: opened }
    },

    /** Writes a record over the one it grew from. False: it was there already, word for word. @throws StaleRecord */
    *change({ record, from }: Change): QueryGenerator<boolean> {
      const { owner, fence } = record
      if (owner !== node) throw new StaleRecord(record.id)
      if (
        (yield* run(
          `UPDATE transfers SET ${changing} WHERE id = :id AND state = :from AND owner = :owner AND fence = :fence AND record <> :record`,
          { ...changed(record), from, owner, fence },
        )) === 1
      )
        return true
      const present = yield* one('SELECT record FROM transfers WHERE id = :id AND owner = :owner AND fence = :fence', {
        id: record.id,
        owner,
        fence,
      })
      if (present?.['record'] !== JSON.stringify(record)) throw new StaleRecord(record.id)
      return false
    },
    /** Keeps several rows for this transaction, in one order for all, so that no two wait for each other. */
    *hold(ids: string[]): QueryGenerator<void> {
      yield* all(`SELECT id FROM transfers WHERE id IN (${elements('ids')}) ORDER BY id ${forUpdate}`, { ids: JSON.stringify(ids) })
    },
    /** Writes a record whoever owns it, where its state still holds, and takes it out of its owner's hands. */
    *overrule({ record, from }: Change): QueryGenerator<boolean> {
      return (
        (yield* run(`UPDATE transfers SET ${changing}, owner = :node, fence = fence + 1 WHERE id = :id AND state = :from`, {
          ...changed(record),
          from,
          node,
        })) === 1
      )
    },
    /** Takes over open transfers without a living owner; a node that has no lease takes nothing. */
    *claim(limit: number): QueryGenerator<TransferRecord[]> {
      const rows = yield* all(
        `WITH orphans AS MATERIALIZED (
           SELECT id FROM transfers WHERE open = 1 AND owner <> :node AND owner NOT IN (SELECT id FROM nodes) AND EXISTS (SELECT 1 FROM nodes WHERE id = :node) ORDER BY id LIMIT :limit ${skipLocked})
         UPDATE transfers SET owner = :node, fence = fence + 1 WHERE id IN (SELECT id FROM orphans) RETURNING *`,
        { node, limit },
      )
      return rows.map(recordOf)
    },
    /** Of these, the open ones that are this node's. */
    *owned(ids: string[]): QueryGenerator<TransferRecord[]> {
      return (yield* all(`SELECT * FROM transfers WHERE id IN (${elements('ids')}) AND open = 1 AND owner = :node ${forUpdate}`, {
        ids: JSON.stringify(ids),
        node,
      })).map(recordOf)
    },
    *strays(before: number): QueryGenerator<TransferRecord[]> {
      return (yield* all(
        "SELECT * FROM transfers WHERE owner = :node AND open = 1 AND state IN ('accepted', 'executing') AND created_at < :before ORDER BY id",
        { node, before },
      )).map(recordOf)
    },
    /** Forgets what is over, with what hangs on it. How many. */
    *prune(before: number, limit: number): QueryGenerator<number> {
      const rows = yield* all(
        `SELECT id FROM transfers WHERE created_at < :before AND open = 0 ORDER BY created_at LIMIT :limit ${skipLocked}`,
        { before, limit },
      )
      const ids = JSON.stringify(rows.map(({ id }) => id))
      for (const [table, column] of [
        ['deliveries', 'transfer_id'],
        ['idempotency_keys', 'transfer_id'],
        ['transfers', 'id'],
      ])
        yield* run(`DELETE FROM ${table} WHERE ${column} IN (${elements('ids')})`, { ids })
      return rows.length
    },
    /** Writes what `without` leaves of each record of a conversation. Their ids. @throws StillOpen */
    *erase(conversation: string, without: (record: TransferRecord) => TransferRecord): QueryGenerator<string[]> {
      const rows = yield* all(`${pastOfConversation} ORDER BY id ${forUpdate}`, { conversation })
      const past = rows.map(pastOf)
      const open = past.find((one) => one.open)
      if (open) throw new StillOpen(open.record.id, open.record.state)
      for (const { record } of past)
        // The identity is a hash of the target, and numbers are few enough to try them all.
        yield* run("UPDATE transfers SET identity = 'erased', record = :record WHERE id = :id", {
          id: record.id,
          record: JSON.stringify(without(record)),
        })
      return past.map(({ record }) => record.id)
    },

    *lastMoved(conversation: string): QueryGenerator<TransferRecord | undefined> {
      const row = yield* one(`${ofConversation} AND moved = 1 ORDER BY id DESC LIMIT 1`, { conversation })
      return row && recordOf(row)
    },
    *openOf(conversation: string): QueryGenerator<TransferRecord[]> {
      return (yield* all(`${ofConversation} AND open = 1 ORDER BY id`, { conversation })).map(recordOf)
    },
    *list({ conversationId, state, since, until, limit, cursor }: TransferFilter): QueryGenerator<Page<TransferRecord>> {
      const { where, values } = conditions({
        'conversation_id = :conversationId': conversationId,
        'state = :state': state,
        'created_at >= :since': since,
        'created_at < :until': until,
        '(created_at, id) < ((SELECT created_at FROM transfers WHERE id = :cursor), :cursor)': cursor,
      })
      return pageOf(
        yield* all(`SELECT * FROM transfers WHERE ${where} ORDER BY created_at DESC, id DESC LIMIT :more`, { ...values, more: limit + 1 }),
        limit,
        'id',
        recordOf,
      )
    },
  }
}
