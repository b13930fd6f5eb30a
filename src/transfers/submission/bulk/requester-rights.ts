/** Whether the API key that requested a bulk transfer may still do so, as it is now. */
import type { ApiKey } from '../../../ledger/contract/api-keys.ts'
import type { BulkTransferRecord } from '../../../model/bulk-transfer.ts'
import { Problem } from '../../../model/problems.ts'

/** The API key with an id, also when it is revoked; undefined when there is none. It is asked before each call, so it must be cheap. */
export type FindKey = (id: string) => Promise<Pick<ApiKey, 'scopes' | 'queues' | 'revokedAt'> | undefined>

const startAnew = 'Cancel this bulk transfer, and request another one with a valid key for the calls that are left.'
const giveBack =
  'Give it back and resume, or cancel this bulk transfer and request another one with another key for the calls that are left.'

/**
 * Why no further call may be moved in the name of the key that requested the bulk transfer: in words, with what to do.
 * @param key as it is now; undefined when there is none with this id any more
 * @returns undefined if the key may still move these calls
 */
export function findLostRight(
  { requestedBy, fromQueueId, queueIds }: Pick<BulkTransferRecord, 'requestedBy' | 'fromQueueId' | 'queueIds'>,
  key: Awaited<ReturnType<FindKey>>,
): Problem | undefined {
  const name = `The key ${requestedBy}, which requested it,`
  if (!key) return new Problem('UNAUTHENTICATED', `${name} does not exist any more. ${startAnew}`)
  if (key.revokedAt !== null) return new Problem('UNAUTHENTICATED', `${name} was revoked. ${startAnew}`)
  if (!key.scopes.includes('transfers:write'))
    return new Problem('FORBIDDEN', `${name} no longer has the scope transfers:write. ${giveBack}`)
  const lost = [fromQueueId, ...queueIds].find((queueId) => key.queues !== null && !key.queues.includes(queueId))
  if (lost === undefined) return undefined
  // The queue of an agent, a number or the like is stored as an empty text.
  const place = lost === '' ? 'is limited to queues now, and the target belongs to none' : `may no longer use queue ${lost}`
  return new Problem('TARGET_NOT_ALLOWED', `${name} ${place}. ${giveBack}`)
}
