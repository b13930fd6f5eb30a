/** Runs a tool for a caller. Whatever goes wrong becomes a result that an agent can act on. */
import type { Scope } from '../auth/api-key.ts'
import { Problem } from '../model/problems.ts'
import { problemOf } from '../transfers/platform-problem.ts'
import { toRefusalResult, type ToolResult } from './result.ts'
import { requireKnownArguments, type Tool, type ToolCall } from './tools/tool.ts'

export interface CallerOfTools extends ToolCall {
  /** @throws Problem FORBIDDEN, or TOO_MANY_REQUESTS after too many refusals */
  requireScope(scope: Scope): Promise<void>
  /** Called with the refusal that the result is made from. */
  onRefusal(problem: Problem): void
  /** Called with an error that nobody expected. */
  onUnexpectedError(error: unknown): void
}

/** The refusal for an unexpected error. It is not known how far a transfer got: the platform may have been asked to move the call. */
const createUnexpectedProblem = ({ isReadOnly }: Tool): Problem =>
  new Problem(isReadOnly ? 'INTERNAL_ERROR' : 'OUTCOME_UNKNOWN', 'Something went wrong in Handoff itself.', { retryable: isReadOnly })

/** Runs a tool. Never rejects. @param values the arguments, JSON of any kind */
export async function runTool(tool: Tool, values: unknown, caller: CallerOfTools): Promise<ToolResult> {
  try {
    await caller.requireScope(tool.scope)
    return await tool.run(requireKnownArguments(tool, values), caller)
  } catch (error) {
    const expected = error instanceof Problem ? error : problemOf(error)
    if (!expected) caller.onUnexpectedError(error)
    const problem = expected ?? createUnexpectedProblem(tool)
    caller.onRefusal(problem)
    return toRefusalResult(problem, tool.failureLead)
  }
}
