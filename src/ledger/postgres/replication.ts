/**
 * Whether a commit has reached the synchronous standby (docs/production.md#postgresql-that-fails-over). A wait for the standby that is
 * cancelled, by an administrator or a failover tool, ends with a warning, and the COMMIT succeeds: the change is visible, and a failover loses
 * it. Such a commit counts as failed with an unknown outcome.
 */
import type { ClientBase } from 'pg'
import { StoreUnavailable } from '../contract/errors.ts'

/** Connections on which a wait for the standby was cancelled. They are closed, so none is ever removed. */
const cancelledOn = new WeakSet<object>()

interface Notice {
  message?: string | undefined
  routine?: string | undefined
}

/** The routine is the same in every language of the server's messages; a pooler may leave it out. */
const isCancelledWait = ({ message = '', routine }: Notice): boolean =>
  routine === 'SyncRepWaitForLSN' || /wait for synchronous replication/i.test(message)

/** Notes on this connection whether a wait for the standby is cancelled. */
export function watchReplication(client: ClientBase): void {
  client.on('notice', (notice: Notice) => {
    if (isCancelledWait(notice)) cancelledOn.add(client)
  })
}

/** Called after each COMMIT. @throws StoreUnavailable if its wait for the standby was cancelled */
export function checkReplicated(client: ClientBase): void {
  if (cancelledOn.has(client))
    throw new StoreUnavailable('the wait for the synchronous standby was cancelled: what was committed may be lost in a failover')
}

/**
 * Makes the COMMIT of a transaction wait for the standby, although it may change nothing: locking a row is written to the write-ahead log.
 * When it is replicated, so is everything that was committed before it. Transactions that do this do not wait for each other.
 */
export const lockToReplicate = 'SELECT version FROM ledger_version FOR KEY SHARE'
