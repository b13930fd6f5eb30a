/** How `npm run transfers` prints transfers: on lines of at most 80 columns, with names where the service knows them. */
import type { Transfer } from '../../model/transfer.ts'
import type { TimelineItem } from '../../transfers/history/timeline.ts'

export type NamesById = Readonly<Record<string, string>>
const width = 80
const idWidth = 36

// eslint-disable-next-line no-control-regex -- that is what is removed
const removeControls = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ')

/** Cuts or fills text to a width. Control characters, which a name may contain, do not reach the terminal. */
export function fit(text: string, columns: number): string {
  const printable = removeControls(text)
  return printable.length <= columns ? printable.padEnd(columns) : `${printable.slice(0, columns - 1)}…`
}

/** A duration in at most five columns, such as `45s`, `12m`, `3h` and `2d`. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  const units = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'm'],
  ] as const
  const unit = units.find(([size]) => seconds >= 2 * size)
  return unit ? `${Math.floor(seconds / unit[0])}${unit[1]}` : `${seconds}s`
}

interface TargetFields {
  type?: string
  userId?: string | null
  queueId?: string | null
  skillIds?: readonly string[] | null
  address?: string | null
}

/** Where the call is or was to go: by name, if it is known. */
export function formatTarget({ target, resolvedTarget }: Pick<Transfer, 'target' | 'resolvedTarget'>, names: NamesById): string {
  const { type, userId, queueId, skillIds, address }: TargetFields = {
    ...(target as TargetFields),
    ...(resolvedTarget as TargetFields | null),
  }
  const id = type === 'agent' ? userId : type === 'skill' ? skillIds?.[0] : type === 'number' ? address : queueId
  return id ? `${type} ${names[id] ?? id}` : String(type)
}

const columns = { state: 16, age: 5, target: 20 }
export const listHeader = `${fit('STATE', columns.state)} ${fit('AGE', columns.age)} ${fit('TARGET', columns.target)} ID`

/** One transfer on one line. @param now epoch ms */
export const formatLine = (transfer: Transfer, names: NamesById, now: number): string =>
  [
    fit(transfer.state, columns.state),
    fit(formatAge(now - Date.parse(transfer.createdAt)), columns.age),
    fit(formatTarget(transfer, names), columns.target),
    fit(transfer.id, idWidth),
  ].join(' ')

const timeOf = (iso: string): string => iso.slice(11, 23)

/** Breaks text into lines that begin with `label` or as much space. Control characters, which callers may write, do not reach the terminal. */
function wrap(label: string, text: string): string[] {
  const room = width - label.length
  const lines: string[] = []
  for (let rest = removeControls(text).replaceAll(/\s+/g, ' ').trim(); rest !== '';) {
    const cut = rest.length <= room ? rest.length : rest.lastIndexOf(' ', room)
    const end = cut <= 0 ? room : cut
    lines.push((lines.length === 0 ? label : ' '.repeat(label.length)) + rest.slice(0, end))
    rest = rest.slice(end).trimStart()
  }
  return lines
}

/** Who settled a transfer, and the reason, unless it was erased; empty for any other entry. */
function describeSettlement(audit: TimelineItem['audit']): string {
  const { settledBy, reason } = audit?.detail ?? {}
  return typeof settledBy === 'string' ? `, settled by ${settledBy}${reason ? `: ${reason}` : ''}` : ''
}

function describeItem({ kind, status, audit, hop, delivery }: TimelineItem): string {
  if (hop) return `hop ${hop.number} ${status}`
  if (delivery?.attempt) return `${delivery.type} -> ${delivery.attempt.status ?? delivery.attempt.error ?? 'no answer'} (${delivery.id})`
  if (delivery) return `${delivery.type} queued`
  return `${status}${audit?.code ? ` ${audit.code}` : ''}${kind === 'audit' && audit?.stage ? ` (${audit.stage})` : ''}${describeSettlement(audit)}`
}

/** One transfer with its timeline. @param now epoch ms */
export function formatTransfer(transfer: Transfer, items: readonly TimelineItem[], names: NamesById, now: number): string {
  const { agentUserId, code, message, reason } = transfer
  const fields: Array<[string, string | null | undefined]> = [
    ['transfer', transfer.id],
    ['call', transfer.conversationId],
    [
      'state',
      `${transfer.state}${code ? ` ${code}` : ''}, requested ${formatAge(now - Date.parse(transfer.createdAt))} ago by ${transfer.requestedBy}`,
    ],
    ['message', message],
    ['target', formatTarget(transfer, names)],
    ['agent', agentUserId && (names[agentUserId] ?? agentUserId)],
    ['reason', reason],
  ]
  const lines = fields.flatMap(([name, value]) => (value ? wrap(fit(name, 10), value) : []))
  return [...lines, '', ...items.flatMap((item) => wrap(`${timeOf(item.at)}  ${fit(item.kind, 9)}`, describeItem(item)))].join('\n')
}
