/** How the transfer commands are called over HTTP. */
import type { TransferRequest } from '../calls/replacement.ts'
import { replaceWithAgent, replaceWithQueue, transferToNumber } from '../calls/transfer-commands.ts'
import { PlatformError } from '../model/platform-error.ts'
import type { PlatformState } from '../model/platform-state.ts'
import type { Operation } from './operation.ts'
import { parseObject, parseOptionalString } from './parameters.ts'

const transferTypes = ['Attended', 'Unattended']

/**
 * Creates a transfer operation, which answers 202 with an empty body (docs/genesys-cloud.md rule 2).
 *
 * @param command The last part of the path.
 * @param requiresAnyOf The client needs one of these permissions.
 * @param targetField The field of the body that names the target.
 * @param execute Executes the command; throws PlatformError to refuse it.
 */
function createTransferOperation(
  command: string,
  requiresAnyOf: readonly string[],
  targetField: string,
  execute: (platform: PlatformState, request: TransferRequest) => void,
): Operation {
  return {
    method: 'POST',
    path: `/conversations/:conversationId/participants/:participantId/${command}`,
    requires: { anyOf: requiresAnyOf },
    handle: ({ platform }, { params, body }) => {
      const fields = parseObject(body)
      const transferType = parseOptionalString(fields, 'transferType') ?? 'Unattended'
      if (!transferTypes.includes(transferType)) {
        throw new PlatformError('invalid.value', { values: [transferType, 'TransferType', transferTypes.join(', ')] })
      }
      const { conversationId = '', participantId = '' } = params
      execute(platform, { conversationId, participantId, transferType, to: parseOptionalString(fields, targetField) })
      return { status: 202 }
    },
  }
}

/** The permission for every kind of blind transfer; the narrower permissions do not allow numbers (docs/genesys-cloud.md rule 5). */
const blindTransfer = 'conversation:communication:blindTransfer'

/** The operations for transfers. */
export const transferOperations: readonly Operation[] = [
  createTransferOperation('replace/queue', [blindTransfer, `${blindTransfer}Queue`], 'queueId', replaceWithQueue),
  createTransferOperation('replace/agent', [blindTransfer, `${blindTransfer}Agent`], 'userId', replaceWithAgent),
  createTransferOperation('transfer', [blindTransfer], 'address', transferToNumber),
]
