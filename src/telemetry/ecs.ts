/** Maps log fields and audit entries to the Elastic Common Schema (ECS), which security tools can read (docs/architecture.md#audit-trail). */

/** The version of ECS that defines the fields used here. */
export const ecsVersion = '8.10.0'

type LogFields = Record<string, unknown>

/** The ECS names of our fields. Every other field keeps its own name, and none of those is a field set of ECS. */
const ecsNames: Readonly<Record<string, string>> = {
  method: 'http.request.method',
  httpStatus: 'http.response.status_code',
  caller: 'user.id',
}
const successes: ReadonlySet<unknown> = new Set([
  'passed',
  'delivered',
  'accepted',
  'executing',
  'decided',
  'initiated',
  'picked_up',
  'callback_created',
])
const unknowns: ReadonlySet<unknown> = new Set(['unknown', 'indeterminate', 'pending', null])

const toEventOutcome = (outcome: unknown): string => (successes.has(outcome) ? 'success' : unknowns.has(outcome) ? 'unknown' : 'failure')

/**
 * Renames the fields of a log line that have an ECS field. Adds `event.duration` (ns) from `durationMs`, and `event.outcome` from `outcome`
 * or the HTTP status. Undefined fields are left out.
 */
export function toEcsFields(fields: LogFields): LogFields {
  const line: LogFields = {}
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) line[ecsNames[name] ?? name] = value
  const { durationMs, outcome, status } = fields
  if (typeof durationMs === 'number') line['event.duration'] = Math.round(durationMs * 1e6)
  if (outcome !== undefined) line['event.outcome'] ??= toEventOutcome(outcome)
  // An HTTP status is a number, or null for a request whose connection was closed before the response was complete.
  if (typeof status === 'number' || (status === null && 'method' in fields)) {
    delete line['status']
    line['http.response.status_code'] = status
    line['event.outcome'] = status === null ? 'unknown' : status < 400 ? 'success' : 'failure'
  }
  return line
}

/** The fields of an audit entry that the mapping reads. */
interface AuditRow {
  timestamp: string
  status: string
  seq: number
  hash: string
  traceId?: string | null
}

/** The ECS category, type and outcome of an audit entry: those of the first row whose pattern matches its status. ECS defines the values. */
const eventKinds: ReadonlyArray<[status: RegExp, category: string, type: string, outcome: string]> = [
  [/^(accepted|executing|decided|initiated)$/, 'session', 'start', 'unknown'],
  [/^(picked_up|callback_created)$/, 'session', 'end', 'success'],
  [/^indeterminate$/, 'session', 'info', 'unknown'],
  [/^(timeout|abandoned|failed|superseded|rejected)$/, 'session', 'end', 'failure'],
  [/^(overflow_blocked|hop_failed|routing_refused|attributes_not_written|loop_guard_not_mirrored)$/, 'session', 'info', 'failure'],
  [/^caller_refused$/, 'authentication', 'denied', 'failure'],
  [/^key_created$/, 'iam', 'creation', 'success'],
  [/^key_revoked$/, 'iam', 'deletion', 'success'],
  [/^(delivery_delivered|endpoint_resumed|webhook_tested)$/, 'network', 'info', 'success'],
  [/^(delivery_|endpoint_)/, 'network', 'info', 'failure'],
  [/^erased$/, 'database', 'deletion', 'success'],
  [/^checkpoint$/, 'configuration', 'info', 'success'],
  [/./, 'session', 'info', 'success'],
]

/**
 * Adds the ECS fields to an audit entry, whose own fields stay. Its hash becomes `event.hash`, so that a copy of the log can prove what the
 * entry was.
 */
export function toEcsAuditEvent({ hash, traceId, ...row }: AuditRow): LogFields {
  const [, category, type, outcome] = eventKinds.find(([status]) => status.test(row.status)) ?? []
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
