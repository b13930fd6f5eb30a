/** Query parameters that several routes share: their schemas, and how the page limit and the range of time are parsed. */
import type { FastifyRequest } from 'fastify'
import { Type } from '../../model/json-schema.ts'
import { Problem } from '../../model/problems.ts'
import { nullable } from '../../model/schema-parts.ts'
import { parseSentTime, timeForm } from '../../model/formats/sent-times.ts'

export const pageLimit = Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50, description: 'Entries on a page' }))
export const nextCursor = nullable(Type.String({ description: 'The cursor of the next page; null: there is none' }))

/**
 * A `preValidation` hook for routes with a page limit. A query parameter is always text, so it is converted to a number before the
 * schema checks it. Types are not coerced in general: in a body a number must be a number.
 */
export async function parseLimit(request: FastifyRequest): Promise<void> {
  const query = request.query as Record<string, unknown>
  if (/^\d{1,6}$/.test(String(query['limit']))) query['limit'] = Number(query['limit'])
}

/**
 * A `preValidation` hook for routes that take several values of a query parameter: `a,b` and `a` sent twice are both lists, of which the
 * schema checks each value.
 */
export const parseList =
  (name: string) =>
  async (request: FastifyRequest): Promise<void> => {
    const query = request.query as Record<string, string | string[] | undefined>
    const sent = query[name]
    if (sent !== undefined) query[name] = [sent].flat().flatMap((value) => value.split(','))
  }

/** A query parameter with several values, separated by commas. */
export const commaSeparated = { style: 'form', explode: false } as const

export const instant = (description: string) => Type.String({ format: 'date-time', description })

export const timeRange = {
  since: Type.Optional(instant('From this time on, ISO 8601')),
  until: Type.Optional(instant('Before this time, ISO 8601')),
}

export interface TimeRangeQuery {
  since?: string
  until?: string
}

/**
 * A range of time in epoch ms.
 * @param location where the times were sent; messages name it
 * @throws Problem INVALID_REQUEST for a time that `parseSentTime` does not accept, and for a range that ends before it begins
 */
export function parseTimeRange(times: TimeRangeQuery, location: 'query' | 'body' = 'query'): { since?: number; until?: number } {
  const parseTime = (name: 'since' | 'until'): { [_ in typeof name]?: number } => {
    const text = times[name]
    if (text === undefined) return {}
    const epochMs = parseSentTime(text)
    const field = `${location}.${name}`
    if (epochMs === undefined) throw new Problem('INVALID_REQUEST', `${field} must be ${timeForm}.`, { field })
    return { [name]: epochMs }
  }
  const range = { ...parseTime('since'), ...parseTime('until') }
  if (range.since !== undefined && range.until !== undefined && range.until < range.since)
    throw new Problem('INVALID_REQUEST', `${location}.until is before ${location}.since.`, { field: `${location}.until` })
  return range
}
