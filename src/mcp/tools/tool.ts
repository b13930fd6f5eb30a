/** What a tool is: what agents read about it, the scope that it needs, and what it does. */
import type { FlatRequest } from '../../architect/flat-request-schema.ts'
import type { FlatAnswer } from '../../architect/flat-response.ts'
import type { Scope } from '../../auth/api-key.ts'
import { Problem } from '../../model/problems.ts'
import type { TargetType } from '../../model/target-schema.ts'
import { maskFreeText } from '../../telemetry/redact-log-line.ts'
import type { ToolResult } from '../result.ts'
import type { FailureLead } from '../sentences/refusals.ts'

/** The JSON Schema of a tool's arguments. It is kept plain, because many models accept no `oneOf`, `allOf` or `if` at the top. */
export interface ArgumentsSchema {
  type: 'object'
  properties: Readonly<Record<string, { type: 'string'; description: string }>>
  required: string[]
  additionalProperties: false
}

/** The answer to a request, as far as tools need it. */
export interface SubmittedRequest {
  answer: FlatAnswer
  /** Whether the request had another summary or reason than the earlier transfer that is the answer to it. */
  keepsEarlierSummary?: boolean
}

/** What a tool may do, for the caller of one request. */
export interface ToolCall {
  /**
   * Submits a flat request, and answers within 8 s.
   * @throws Problem INVALID_REQUEST that names the argument, FORBIDDEN, STORE_UNAVAILABLE
   */
  submit: (request: FlatRequest) => Promise<SubmittedRequest>
  /** The answer for a transfer as it is now; undefined when there is none that the caller may see. @throws StoreUnavailable */
  find: (transferId: string) => Promise<FlatAnswer | undefined>
}

export interface Tool {
  name: string
  title: string
  /** For the agent: what the tool does, and when to use it. */
  description: string
  /** The scope that the caller's key needs. */
  scope: Scope
  /** Whether the tool changes nothing. */
  isReadOnly: boolean
  /** How a sentence about a refusal begins. */
  failureLead: FailureLead
  /** @param targetTypes the types of target that the caller's key may use */
  describeArguments: (targetTypes: readonly TargetType[]) => ArgumentsSchema
  /** @param values only arguments that the schema names, of any type */
  run: (values: Readonly<Record<string, unknown>>, call: ToolCall) => Promise<ToolResult>
}

/**
 * The arguments of a tool call, if the tool has all of them. An argument that it does not have is refused and not ignored: whoever sent it
 * expects something of it.
 * @throws Problem INVALID_REQUEST
 */
export function requireKnownArguments({ name, describeArguments }: Tool, values: unknown): Readonly<Record<string, unknown>> {
  const known = Object.keys(describeArguments([]).properties)
  const given = (values ?? {}) as Record<string, unknown>
  const unknown = Object.keys(given).find((argument) => !known.includes(argument))
  if (unknown === undefined) return given
  throw new Problem('INVALID_REQUEST', `${name} has no argument ${maskFreeText(unknown.slice(0, 64))}. It has ${known.join(', ')}.`)
}
