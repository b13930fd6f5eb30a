/** Turns what the schema validator found into a refusal that names the field, without repeating any value. */
import type { FastifyError } from 'fastify'
import { attributeNamePattern, reasonPattern, uuidPattern } from '../../model/formats/patterns.ts'
import { phoneNumberForm, phoneNumberPattern } from '../../model/formats/phone-number.ts'
import { Problem } from '../../model/problems.ts'
import { targetTypes } from '../../model/target-schema.ts'
import { maskFreeText } from '../../telemetry/redact-log-line.ts'

type Violation = NonNullable<FastifyError['validation']>[number]

/** The prefix of a field's name, by the part of the request that was validated. */
const fieldPrefixes: Readonly<Record<string, string>> = { body: '', params: 'path.', querystring: 'query.', headers: 'header ' }

/**
 * What the message says about the field, by the keyword of the schema; `#` stands for the limit. For other keywords it is the validator's own
 * message.
 */
const messages: Readonly<Record<string, string>> = {
  required: 'is required',
  additionalProperties: 'is not known here',
  minProperties: 'must have at least one field',
  maxProperties: 'must have at most # fields',
  minItems: 'must have at least # items',
  maxItems: 'must have at most # items',
  uniqueItems: 'must name nothing twice',
  minLength: 'must have at least # characters',
  maxLength: 'must have at most # characters',
  pattern: 'does not have the right form',
  discriminator: `must name one of ${targetTypes.join(', ')}`,
}

/** What the message says about a field that does not match a pattern, by the pattern. */
const formsByPattern: Readonly<Record<string, string>> = {
  [uuidPattern]: 'must be an id (a UUID)',
  [attributeNamePattern]: 'must have a name of 1 to 64 letters, digits, dots, hyphens and underscores',
  [reasonPattern]: 'must be 1 to 64 lower-case letters, digits, dots, hyphens and underscores',
  [phoneNumberPattern]: `must be ${phoneNumberForm}`,
}

const timeForm = 'must be a time with its offset, such as 2026-11-20T09:30:00Z'
/** In a query, a plus that is not encoded stands for a space. */
const plusHint = ' In an address, the + of an offset is written %2B.'

/** A field name that is safe to return and log. Callers choose the names of some fields, and such a name may contain a phone number. */
const safeFieldName = (name: string): string => maskFreeText(name.slice(0, 128))

/** The path of a JSON pointer in the notation of JavaScript: `/fallback/1/userId` is `fallback[1].userId`. */
const toPropertyPath = (pointer: string): string =>
  pointer
    .slice(1)
    .replaceAll(/\/(\d{1,3})(?=\/|$)/g, '[$1]')
    .replaceAll('/', '.')

/**
 * `instancePath` may lead to the object whose property is wrong or missing. Then this is that property's name; otherwise it is undefined.
 */
const innerProperty = ({ keyword, params, propertyName }: Violation & { propertyName?: string }): unknown =>
  params['missingProperty'] ?? params['additionalProperty'] ?? propertyName ?? (keyword === 'discriminator' ? params['tag'] : undefined)

/**
 * The refusal for the first violation.
 * @param context which part of the request was validated: body, params, querystring or headers
 * @param pathParameters the parameters in the address
 */
export function validationProblem(violation: Violation, context: string, pathParameters: unknown): Problem {
  const { instancePath, keyword, message, params } = violation
  const path = [toPropertyPath(instancePath), innerProperty(violation)].filter(Boolean).join('.')
  const field = safeFieldName((fieldPrefixes[context] ?? '') + path)
  if (context === 'params' && (pathParameters as Record<string, string>)[path] === '')
    return new Problem('INVALID_REQUEST', `${field} is missing: the address ends in a slash.`, { field })
  const allowedValues = Array.isArray(params['allowedValues']) ? `: ${params['allowedValues'].join(', ')}` : ''
  if (keyword === 'format' && params['format'] === 'date-time')
    return new Problem('INVALID_REQUEST', `${field} ${timeForm}.${context === 'querystring' ? plusHint : ''}`, { field })
  const form = keyword === 'pattern' ? formsByPattern[String(params['pattern'])] : undefined
  const detail = `${field || 'The body'} ${form ?? messages[keyword]?.replace('#', String(params['limit'])) ?? message ?? 'is not valid'}${allowedValues}.`
  return new Problem('INVALID_REQUEST', detail, { ...(field && { field }) })
}
