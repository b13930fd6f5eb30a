/** Example answers for data actions, made by the functions that make the real ones: a refusal is an answer, too. */
import { toFlatAnswer, toFlatRefusal } from '../../../architect/flat-response.ts'
import type { RefusalCode } from '../../../model/problems.ts'
import { pipelineRefusals } from '../../../routes/schemas/pipeline-refusals.ts'
import type { Examples } from '../document-types.ts'
import { exampleOf } from './problems.ts'
import { decided, dryRun, outcomes } from './transfers.ts'

const refusalsAsAnswers: readonly RefusalCode[] = ['INVALID_REQUEST', 'TOO_MANY_REQUESTS', ...pipelineRefusals, 'OVERLOADED']

const toExample = (code: RefusalCode): Examples => {
  const { problem } = exampleOf(code)
  return { [code]: { summary: problem.title, value: toFlatRefusal(problem) } }
}

/** Answers to a request. */
export const flatAnswers: Examples = {
  execute: { summary: 'execute: the platform has accepted the transfer', value: toFlatAnswer(outcomes.initiated) },
  decide: { summary: 'decide: the flow is to move the call there', value: toFlatAnswer(decided) },
  dryRun: { summary: 'dryRun: the call would go there', value: toFlatAnswer(dryRun) },
  callback: { summary: 'A callback was created', value: toFlatAnswer(outcomes.callback_created) },
  ...Object.assign({}, ...refusalsAsAnswers.map(toExample)),
}

/** Answers to the question what has become of a transfer. */
export const flatOutcomes: Examples = {
  ...Object.fromEntries(
    Object.entries(outcomes).map(([name, transfer]) => [name, { summary: transfer.message ?? name, value: toFlatAnswer(transfer) }]),
  ),
  ...toExample('NOT_FOUND'),
}
