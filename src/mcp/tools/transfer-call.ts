/** The tool transfer_call: moves a call. */
import type { FlatRequest } from '../../architect/flat-request-schema.ts'
import { maxSummaryLength } from '../../model/schema-parts.ts'
import { toTransferResult } from '../result.ts'
import type { Tool } from './tool.ts'
import { describeTargetArguments, requiredTargetArguments, requireFittingArguments, text } from './transfer-arguments.ts'

export const transferCall: Tool = {
  name: 'transfer_call',
  title: 'Transfer a call',
  description:
    'Transfers a phone call that is going on now, and answers as soon as the platform has accepted it. The same call of this tool again does not move the call a second time. Tell the caller before you use it.',
  scope: 'transfers:write',
  isReadOnly: false,
  failureLead: 'The call was not moved',
  describeArguments: (targetTypes) => ({
    type: 'object',
    properties: {
      ...describeTargetArguments(targetTypes),
      summary: text(
        `Why the caller is here and what was done so far, for the person who takes over: plain text, at most ${maxSummaryLength} characters.`,
      ),
      reason: text('Short code for reports, such as billing.refund: lower-case letters, digits, dots, hyphens and underscores.'),
      idempotencyKey: text(
        'Only if your system has an id for this one transfer: the same key is the same transfer, even days later. Leave it out otherwise.',
      ),
    },
    required: requiredTargetArguments,
    additionalProperties: false,
  }),
  async run(values, { submit }) {
    requireFittingArguments(values)
    const { answer, keepsEarlierSummary } = await submit({ ...values, mode: 'execute' } as FlatRequest)
    return toTransferResult(answer, { keepsEarlierSummary })
  },
}
