/** The tool check_transfer: a dry run. */
import type { FlatRequest } from '../../architect/flat-request-schema.ts'
import { toCheckResult } from '../result.ts'
import type { Tool } from './tool.ts'
import { describeTargetArguments, requiredTargetArguments } from './transfer-arguments.ts'

export const checkTransfer: Tool = {
  name: 'check_transfer',
  title: 'Check a transfer',
  description:
    'Says whether a phone call could be transferred now, and where it would go. Changes nothing. Use it before you promise a transfer to the caller.',
  scope: 'transfers:write',
  isReadOnly: true,
  failureLead: 'The transfer is not possible now',
  describeArguments: (targetTypes) => ({
    type: 'object',
    properties: describeTargetArguments(targetTypes),
    required: requiredTargetArguments,
    additionalProperties: false,
  }),
  run: async (values, { submit }) => toCheckResult(await submit({ ...values, mode: 'dryRun' } as FlatRequest)),
}
