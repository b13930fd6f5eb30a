/** Our facts in the words of the Elastic Common Schema, so that a SIEM reads log and audit trail as they are (design §9). */

/** Of the fields that we use. */
export const ecsVersion = '8.10.0'

type Facts = Record<string, unknown>

/** What a fact is called in ECS; the rest keeps its name, and none of those is a field set of ECS. */
const names: Readonly<Record<string, string>> = {
  method: 'http.request.method',
  httpStatus: 'http.response.status_code',
  caller: 'user.id',
}
const succeeded: ReadonlySet<unknown> = new Set(['passed', 'delivered', 'accepted', 'executing', 'decided', 'initiated', 'picked_up'])
const unclear: ReadonlySet<unknown> = new Set(['unknown', 'indeterminate', 'pending', null])

const outcomeOf = (word: unknown): string => (succeeded.has(word) ? 'success' : unclear.has(word) ? 'unknown' : 'failure')

/** The facts of a log line: each in its ECS field where there is one, with `event.duration` (ns) and `event.outcome` where they follow. */
export function factsInEcs(facts: Facts): Facts {
  const line: Facts = {}
  for (const [name, value] of Object.entries(facts)) if (value !== undefined) line[names[name] ?? name] = value
  const { durationMs, outcome, status } = facts
  if (typeof durationMs === 'number') line['event.duration'] = Math.round(durationMs * 1e6)
  if (outcome !== undefined) line['event.outcome'] ??= outcomeOf(outcome)
  if (typeof status === 'number' || (status === null && 'method' in facts)) {
    delete line['status']
    line['http.response.status_code'] = status
    line['event.outcome'] = status === null ? 'unknown' : status < 400 ? 'success' : 'failure'
  }
  return line
}

interface Row {
  timestamp: string
  status: string
  seq: number
  hash: string
  traceId?: string | null
}
/** What kind of event an audit row is: the first that its status matches. The words are ECS's own allowed values. */
const kinds: ReadonlyArray<[status: RegExp, category: string, type: string, outcome: string]> = [
  [/^(accepted|executing|decided|initiated)$/, 'session', 'start', 'unknown'],
  [/^picked_up$/, 'session', 'end', 'success'],
  [/^indeterminate$/, 'session', 'info', 'unknown'],
  [/^(timeout|abandoned|failed|superseded|rejected)$/, 'session', 'end', 'failure'],
  [/^caller_refused$/, 'authentication', 'denied', 'failure'],
  [/^key_created$/, 'iam', 'creation', 'success'],
  [/^key_revoked$/, 'iam', 'deletion', 'success'],
  [/^(delivery_delivered|endpoint_resumed|webhook_tested)$/, 'network', 'info', 'success'],
  [/^(delivery_|endpoint_)/, 'network', 'info', 'failure'],
  [/^erased$/, 'database', 'deletion', 'success'],
  [/^checkpoint$/, 'configuration', 'info', 'success'],
  [/./, 'session', 'info', 'success'],
]

/** An audit row with its own names, and ECS's beside them; its hash is the event's, so that a log that is kept elsewhere vouches for the row. */
export function auditInEcs<T extends Row>({ hash, traceId, ...row }: T): Facts {
  const [, category, type, outcome] = kinds.find(([status]) => status.test(row.status)) ?? []
  return {
    'event.kind': 'event',
    'event.category': [category],
    'event.type': [type],
    'event.action': row.status,
    'event.outcome': outcome,
    'event.sequence': row.seq,
    'event.hash': hash,
    ...(traceId && { 'trace.id': traceId }),
    ...row,
  }
}
