/** How the outcome of a request is encoded as an HTTP response, and decoded when a request with the same idempotency key repeats it. */
import type { DryRun, Transfer } from '../model/transfer.ts'
import type { ResponseCodec } from '../transfers/request/outcome.ts'
import { problemDetails, RepeatedProblem, statusOf, type ProblemDetails } from './problem-response.ts'

/** A dry run is complete with its response (200). Any other transfer has been accepted, and continues (202). */
const statusOfTransfer = ({ mode }: Transfer | DryRun): number => (mode === 'dryRun' ? 200 : 202)

export const responseCodec: ResponseCodec = {
  encode: (outcome) =>
    'problem' in outcome
      ? { status: statusOf(outcome.problem), body: JSON.stringify(problemDetails(outcome.problem)) }
      : { status: statusOfTransfer(outcome.transfer), body: JSON.stringify(outcome.transfer) },
  decode: ({ status, body }) =>
    status < 400 ? { transfer: JSON.parse(body) as Transfer } : { problem: new RepeatedProblem(JSON.parse(body) as ProblemDetails) },
}
