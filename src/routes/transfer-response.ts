/** How the outcome of a request is written as an HTTP response, and read back when an idempotency key repeats it. */
import type { DryRun, Transfer } from '../model/transfer.ts'
import type { ResponseCodec } from '../transfers/request/outcome.ts'
import { problemDetails, RepeatedProblem, statusOf, type ProblemDetails } from './problem-response.ts'

/** A dry run is answered with what would be done; everything else has been accepted, and goes on. */
const statusOfTransfer = ({ mode }: Transfer | DryRun): number => (mode === 'dryRun' ? 200 : 202)

export const responseCodec: ResponseCodec = {
  encode: (outcome) =>
    'problem' in outcome
      ? { status: statusOf(outcome.problem), body: JSON.stringify(problemDetails(outcome.problem)) }
      : { status: statusOfTransfer(outcome.transfer), body: JSON.stringify(outcome.transfer) },
  decode: ({ status, body }) =>
    status < 400 ? { transfer: JSON.parse(body) as Transfer } : { problem: new RepeatedProblem(JSON.parse(body) as ProblemDetails) },
}
