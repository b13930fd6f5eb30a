/** The tool check_transfer: a dry run. It takes every argument of transfer_call, so that an agent can use the same ones for both. */
import type { FlatRequest } from '../../architect/flat-request-schema.ts'
import { toCheckResult, toTransferResult } from '../result.ts'
import type { Tool } from './tool.ts'
import { describeTargetArguments, requiredTargetArguments, requireFittingArguments, text } from './transfer-arguments.ts'

const unused = text('For transfer_call. A check only looks at its form.')

export const checkTransfer: Tool = {
  name: 'check_transfer',
  title: 'Check a transfer',
  description:
    'Says whether a phone call could be transferred now, and where it would go. Changes nothing. Use it before you promise a transfer to the caller.',
  scope: 'transfers:write',
  isReadOnly: true,
  failureLead: 'The transfer could not be checked',
  describeArguments: (targetTypes) => ({
    type: 'object',
    properties: { ...describeTargetArguments(targetTypes), summary: unused, reason: unused, idempotencyKey: unused },
    required: requiredTargetArguments,
    additionalProperties: false,
  }),
  async run(values, { submit }) {
    requireFittingArguments(values)
    const { answer } = await submit({ ...values, mode: 'dryRun' } as FlatRequest)
    // A dry run has no id. With one, the answer is the transfer that has done already what was asked for, as transfer_call would say.
    return answer.transferId !== '' && answer.state !== '' ? toTransferResult(answer) : toCheckResult(answer)
  },
}
