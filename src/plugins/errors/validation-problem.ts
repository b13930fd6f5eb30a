/** Turns what the schema validator found into a refusal that names the field, without repeating any value. */
import type { FastifyError } from 'fastify'
import { Problem } from '../../model/problems.ts'
import { targetTypes } from '../../model/target.ts'

type Violation = NonNullable<FastifyError['validation']>[number]

/** What stands before the name of a field, by the part of the request that was validated. */
const fieldPrefixes: Readonly<Record<string, string>> = { body: '', params: 'path.', querystring: 'query.', headers: 'header ' }

/** The second half of the sentence, by the keyword of the schema. Other keywords use the validator's own message. */
const messages: Readonly<Record<string, string>> = {
  required: 'is required',
  additionalProperties: 'is not known here',
  pattern: 'does not have the right form',
  discriminator: `must name one of ${targetTypes.join(', ')}`,
}

/** A field name that may be returned and logged. Callers choose some of the names, and such a name may be a phone number. */
const safeFieldName = (name: string): string => name.slice(0, 128).replaceAll(/\d{6,}/g, '…')

/** The path of a JSON pointer in the notation of JavaScript: `/fallback/1/userId` is `fallback[1].userId`. */
const toPropertyPath = (pointer: string): string =>
  pointer
    .slice(1)
    .replaceAll(/\/(\d{1,3})(?=\/|$)/g, '[$1]')
    .replaceAll('/', '.')

/** The name of the property within the value at `instancePath` that the violation is about; undefined: the value itself. */
const innerProperty = ({ keyword, params }: Violation): unknown =>
  params['missingProperty'] ?? params['additionalProperty'] ?? (keyword === 'discriminator' ? params['tag'] : undefined)

/**
 * The refusal for the first violation.
 * @param context which part of the request was validated: body, params, querystring or headers
 */
export function validationProblem(violation: Violation, context: string): Problem {
  const { instancePath, keyword, message, params } = violation
  const path = [toPropertyPath(instancePath), innerProperty(violation)].filter(Boolean).join('.')
  const field = safeFieldName((fieldPrefixes[context] ?? '') + path)
  const allowedValues = Array.isArray(params['allowedValues']) ? `: ${params['allowedValues'].join(', ')}` : ''
  const detail = `${field || 'The body'} ${messages[keyword] ?? message ?? 'is not valid'}${allowedValues}.`
  return new Problem('INVALID_REQUEST', detail, { ...(field && { field }) })
}
