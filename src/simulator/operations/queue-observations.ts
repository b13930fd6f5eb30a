/** How the calls that wait in a queue are read over HTTP, as observations of the metric `oWaiting`. */
import { createQueueObservationView } from '../views/queue-observation-view.ts'
import { PlatformError } from '../model/platform-error.ts'
import type { Operation, OperationContext, PlatformRequest, PlatformResponse } from './operation.ts'
import { parseObject } from './parameters.ts'

const knownMetrics = ['oWaiting']

interface Filter {
  queueIds: Set<string>
  /** Empty: all media. */
  mediaTypes: Set<string>
}

/** The queues and media of a filter: `and` or `or` over predicates, or clauses of predicates. How they are combined is left out. */
function parseFilter(filter: unknown): Filter {
  const { type, predicates, clauses } = parseObject(filter)
  if (type !== 'and' && type !== 'or') throw new PlatformError('invalid.value', { values: [String(type), 'type', '[and, or]'] })
  const parsed: Filter = { queueIds: new Set(), mediaTypes: new Set() }
  const inClauses = parseList(clauses).flatMap((clause) => parseList(parseObject(clause)['predicates']))
  for (const predicate of [...parseList(predicates), ...inClauses].map(parseObject)) {
    const { dimension, value } = predicate
    if (typeof value !== 'string') throw new PlatformError('bad.request')
    if (dimension === 'queueId') parsed.queueIds.add(value)
    else if (dimension === 'mediaType') parsed.mediaTypes.add(value)
    else throw new PlatformError('invalid.value', { values: [String(dimension), 'dimension', '[mediaType, queueId]'] })
  }
  return parsed
}

function parseList(value: unknown): unknown[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw new PlatformError('bad.request')
  return value
}

function parseMetrics(value: unknown): string[] {
  const metrics = parseList(value)
  if (!metrics.every((metric) => typeof metric === 'string')) throw new PlatformError('bad.request')
  const unknown = metrics.find((metric) => !knownMetrics.includes(metric))
  if (unknown !== undefined) throw new PlatformError('invalid.value', { values: [unknown, 'metrics', `[${knownMetrics.join(', ')}]`] })
  return metrics
}

function queryObservations({ platform }: OperationContext, { body }: PlatformRequest): PlatformResponse {
  const { filter, metrics, detailMetrics } = parseObject(body)
  const { queueIds, mediaTypes } = parseFilter(filter)
  if (parseMetrics(metrics).length === 0) throw new PlatformError('bad.request')
  const isDetailed = parseMetrics(detailMetrics).includes('oWaiting')
  const queues = [...platform.queues.values()].filter(({ id }) => queueIds.has(id))
  const isAboutCalls = mediaTypes.size === 0 || mediaTypes.has('voice')
  return { status: 200, body: { results: isAboutCalls ? queues.map((queue) => createQueueObservationView(queue, isDetailed)) : [] } }
}

/** The operations for observations of queues. */
export const queueObservationOperations: readonly Operation[] = [
  {
    method: 'POST',
    path: '/analytics/queues/observations/query',
    requires: { anyOf: ['analytics:queueObservation:view'] },
    handle: queryObservations,
  },
]
