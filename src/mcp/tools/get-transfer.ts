/** The tool get_transfer: reads what became of a transfer. */
import { isUuid } from '../../model/formats/patterns.ts'
import { Problem } from '../../model/problems.ts'
import { toReadResult } from '../result.ts'
import type { Tool } from './tool.ts'

export const getTransfer: Tool = {
  name: 'get_transfer',
  title: 'Read a transfer',
  description: 'Says what became of a transfer: whether the call still waits, somebody has picked it up, or the caller has hung up.',
  scope: 'transfers:read',
  isReadOnly: true,
  failureLead: 'The transfer could not be read',
  describeArguments: () => ({
    type: 'object',
    properties: { transferId: { type: 'string', description: 'The transferId in the result of transfer_call.' } },
    required: ['transferId'],
    additionalProperties: false,
  }),
  async run({ transferId }, { find }) {
    if (typeof transferId !== 'string' || !isUuid(transferId))
      throw new Problem('INVALID_REQUEST', 'transferId must be an id (a UUID).', { field: 'transferId' })
    const answer = await find(transferId.toLowerCase())
    if (!answer) throw new Problem('NOT_FOUND', 'There is no such transfer.', { field: 'transferId' })
    return toReadResult(answer)
  },
}
