/** What Ajv found, as the name of the field and a sentence for the caller. */
import type { FastifyError } from 'fastify'
import { Problem } from '../model/problems.ts'

const places: Readonly<Record<string, string>> = { body: '', params: 'path.', querystring: 'query.', headers: 'header ' }
const said: Readonly<Record<string, string>> = {
  required: 'is required',
  additionalProperties: 'is not known here',
  pattern: 'does not have the right form',
  discriminator: 'must name one of agent, queue, skill, number',
}

type Fault = NonNullable<FastifyError['validation']>[number]

/** A field's name as it may be told and logged: callers choose some of them, and one may be a phone number. */
const tellable = (name: string): string => name.slice(0, 128).replaceAll(/\d{6,}/g, '…')

/**
 * The first fault as a refusal.
 * @param context where it was found: body, params, querystring or headers
 */
export function validationProblem({ instancePath, keyword, message, params }: Fault, context: string): Problem {
  const within = params['missingProperty'] ?? params['additionalProperty'] ?? (keyword === 'discriminator' ? params['tag'] : undefined)
  const path = instancePath
    .slice(1)
    .replaceAll(/\/(\d{1,3})(?=\/|$)/g, '[$1]')
    .replaceAll('/', '.')
  const field = tellable((places[context] ?? '') + [path, within].filter(Boolean).join('.'))
  const values = Array.isArray(params['allowedValues']) ? `: ${params['allowedValues'].join(', ')}` : ''
  return new Problem('INVALID_REQUEST', `${field || 'The body'} ${said[keyword] ?? message ?? 'does not fit'}${values}.`, {
    ...(field && { field }),
  })
}
