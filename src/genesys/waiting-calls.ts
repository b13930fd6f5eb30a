/** Reads which calls wait in a queue, from the platform's observations (docs/genesys-cloud.md rule 103). */
import { asObject, asText, asTime } from '../model/json-fields.ts'
import type { CallOptions } from './http/call-options.ts'
import type { HttpClient } from './http/http-client.ts'
import { callAndParse } from './http/operation.ts'

export interface WaitingCall {
  conversationId: string
  /** When it began to wait in this queue, epoch ms. */
  since: number
  priority: number
}

export interface WaitingCalls {
  /** The longest waiting first. */
  calls: WaitingCall[]
  /** Whether more calls wait than the platform has listed. Those that are missing have waited for less time than those in `calls`. */
  isTruncated: boolean
}

export interface WaitingCallReads {
  /** The calls, not other media, that wait in a queue. @throws GenesysError */
  waitingCalls(queueId: string, options: CallOptions): Promise<WaitingCalls>
}

const metric = 'oWaiting'

/** The call goes through the HTTP client itself: loading another module of the SDK would slow down every start (see `sdk.ts`). */
export const createWaitingCallReads = ({ http, apiUrl }: { http: HttpClient; apiUrl: string }): WaitingCallReads => ({
  waitingCalls: (queueId, options) =>
    callAndParse(
      'postAnalyticsQueuesObservationsQuery',
      queueId,
      options,
      async () => {
        const { data } = await http.request({
          method: 'POST',
          url: `${apiUrl}/api/v2/analytics/queues/observations/query`,
          headers: { 'content-type': 'application/json' },
          data: {
            filter: {
              type: 'and',
              predicates: [
                { type: 'dimension', dimension: 'queueId', operator: 'matches', value: queueId },
                { type: 'dimension', dimension: 'mediaType', operator: 'matches', value: 'voice' },
              ],
            },
            metrics: [metric],
            detailMetrics: [metric],
          },
        })
        return data
      },
      (value) => parseWaitingCalls(value, queueId),
    ),
})

/**
 * Parses a `QueueObservationQueryResponse`. Without results, no call waits. One call that cannot be read makes the response malformed,
 * because no call may be forgotten.
 */
function parseWaitingCalls(value: unknown, queueId: string): WaitingCalls | undefined {
  const fields = asObject(value)
  const results = fields?.['results'] ?? []
  if (!fields || !Array.isArray(results)) return undefined
  const byConversation = new Map<string, WaitingCall>()
  let isTruncated = false
  for (const result of results.map(asObject)) {
    const group = asObject(result?.['group'])
    const isOther = (dimension: string, wanted: string) => (asText(group?.[dimension]) ?? wanted).toLowerCase() !== wanted.toLowerCase()
    if (isOther('queueId', queueId) || isOther('mediaType', 'voice')) continue
    const data = result?.['data'] ?? []
    if (!Array.isArray(data)) return undefined
    for (const item of data.map(asObject)) {
      if (item?.['metric'] !== metric) continue
      const listed = parseObservations(item['observations'] ?? [])
      if (!listed) return undefined
      const hasMore = item['truncated'] === true
      isTruncated ||= hasMore
      // The first half of a truncated list has the oldest calls, the second half the newest: what lies between is not listed.
      for (const call of hasMore ? listed.slice(0, Math.ceil(listed.length / 2)) : listed) {
        const known = byConversation.get(call.conversationId)
        if (!known || call.since < known.since) byConversation.set(call.conversationId, call)
      }
    }
  }
  return { calls: [...byConversation.values()].toSorted((a, b) => a.since - b.since), isTruncated }
}

function parseObservations(list: unknown): WaitingCall[] | undefined {
  if (!Array.isArray(list)) return undefined
  const calls = list.map(asObject).flatMap((item) => {
    const conversationId = asText(item?.['conversationId'])
    const since = asTime(item?.['observationDate'])
    const priority = item?.['routingPriority'] ?? 0
    return conversationId && since && Number.isInteger(priority)
      ? { conversationId: conversationId.toLowerCase(), since: Date.parse(since), priority: Number(priority) }
      : []
  })
  return calls.length === list.length ? calls : undefined
}
