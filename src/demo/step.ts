/** Which steps of a transfer the demo prints, and how: one line for each audit entry or webhook that is worth showing. */
import type { AuditEntry } from '../ledger/contract/audit.ts'
import type { Transfer } from '../model/transfer.ts'
import type { ReceivedEvent } from './crm.ts'
import { formatSeconds, truncate, type Color, type Painter } from './terminal.ts'

export interface Step {
  /** Epoch ms. */
  at: number
  /** One or two words, printed before the text. */
  kind: string
  text: string
}

const describeTarget = ({ resolvedTarget: target }: Transfer): string =>
  target?.type === 'skill' ? `skill ${target.skillIds.join(' + ')}` : `queue ${target?.queueId}`

const describeDeclined = (bounces: number): string => (bounces > 0 ? `, after ${bounces} declined` : '')

type Describe = (transfer: Transfer, detail: AuditEntry['detail']) => string | undefined

const describeEnd: Describe = ({ code, message }) => `${code}: ${message}`

/** The text of an audit entry by its status. Other statuses are not printed: deliveries, for example, are shown when the CRM receives them. */
const descriptions: Readonly<Record<string, Describe>> = {
  accepted: ({ id }) => `Handoff recorded the request as transfer ${id}`,
  executing: (_transfer, { passedOver }) => (passedOver ? `${passedOver}: the fallback gets the call` : undefined),
  initiated: (transfer) =>
    `Handoff → Genesys accepted the transfer to ${describeTarget(transfer)} (priority ${transfer.priority}), ${transfer.latencyMs} ms`,
  routing_applied: (_transfer, { priority, skillIds, verified }) =>
    skillIds || priority !== 0
      ? `${skillIds ? `skill ${skillIds} and ` : ''}priority ${priority} put on the waiting call${verified ? ', and verified' : ''}`
      : undefined,
  loop_guard_mirrored: ({ transferDepth, transferPath }) =>
    `depth ${transferDepth} and path ${transferPath.join(' > ')} written to the call's attributes`,
  bounced: (_transfer, { bounces }) => `offer ${bounces} was declined; the call keeps waiting`,
  picked_up: ({ agentUserId, pickupMs, bounces }) =>
    `${agentUserId} picked up ${formatSeconds(pickupMs ?? 0)} after the acceptance${describeDeclined(bounces)}`,
  rejected: describeEnd,
  timeout: describeEnd,
  abandoned: describeEnd,
  failed: describeEnd,
  superseded: describeEnd,
}
const kinds: Readonly<Record<string, string>> = { routing_applied: 'routing', loop_guard_mirrored: 'loop guard' }

/** Creates the step of an audit entry; undefined if it is not printed. */
export function createAuditStep(entry: AuditEntry, transfer: Transfer): Step | undefined {
  const text = descriptions[entry.status]?.(transfer, entry.detail)
  return text === undefined ? undefined : { at: Date.parse(entry.timestamp), kind: kinds[entry.status] ?? entry.status, text }
}

/** Creates the step of an event that the CRM has received and verified. */
export const createCrmStep = ({ receivedAt, type }: ReceivedEvent): Step => ({
  at: receivedAt,
  kind: 'CRM',
  text: `received ${type}, both signatures verified`,
})

const stepColors: Readonly<Record<string, Color>> = {
  initiated: 'cyan',
  picked_up: 'green',
  CRM: 'dim',
  platform: 'yellow',
  bounced: 'yellow',
  timeout: 'red',
  abandoned: 'red',
  rejected: 'red',
  failed: 'red',
}

const replaceIds = (text: string, namesById: ReadonlyMap<string, string>): string =>
  text.replaceAll(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g, (id) => namesById.get(id) ?? id)

/** Formats a step as one line, for example `+0.08 s  initiated   …`. The time counts from `startedAt` (epoch ms); known ids become names. */
export function formatStep({ at, kind, text }: Step, startedAt: number, namesById: ReadonlyMap<string, string>, paint: Painter): string {
  const line = truncate(`  ${`+${formatSeconds(at - startedAt)}`.padStart(8)}  ${kind.padEnd(10)}  ${replaceIds(text, namesById)}`)
  const color = stepColors[kind]
  return color ? paint(color, line) : line
}
