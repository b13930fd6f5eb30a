/** How a step is told: one line with its time, in names instead of ids, never wider than a terminal. */
import { styleText } from 'node:util'
import type { AuditEntry } from '../ledger/ledger.ts'
import type { Transfer } from '../model/transfer.ts'
import type { Heard } from './crm.ts'

/** One thing that happened, at an instant (epoch ms). */
export interface Moment {
  at: number
  /** What kind of thing, in a word. */
  what: string
  text: string
}

const widest = 110
type Colour = 'green' | 'red' | 'yellow' | 'cyan' | 'dim' | 'bold'
const colours: Readonly<Record<string, Colour>> = {
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

/** Colours for a terminal that can show them and does not ask for none (no-color.org). */
export const wantsColours = (stream: { isTTY?: boolean }, environment: Record<string, string | undefined>): boolean =>
  stream.isTTY === true && !environment['NO_COLOR']

export type Paint = (colour: Colour, text: string) => string
export const painter =
  (coloured: boolean): Paint =>
  (colour, text) =>
    coloured ? styleText(colour, text, { validateStream: false }) : text

/** Cuts what does not fit on a line. */
export const fit = (text: string, width = widest): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`)
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`

/** Ids by the names that people know them by, where they have one. */
const named = (text: string, names: ReadonlyMap<string, string>): string =>
  text.replaceAll(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g, (id) => names.get(id) ?? id)

/** `+0.08 s  initiated   …`, its time counted from `since` (epoch ms). */
export function line({ at, what, text }: Moment, since: number, names: ReadonlyMap<string, string>, paint: Paint): string {
  const plain = fit(`  ${`+${seconds(at - since)}`.padStart(8)}  ${what.padEnd(10)}  ${named(text, names)}`)
  const colour = colours[what]
  return colour ? paint(colour, plain) : plain
}

const place = ({ resolvedTarget: to }: Transfer): string =>
  to?.type === 'skill' ? `skill ${to.skillIds.join(' + ')}` : `queue ${to?.queueId}`
const declined = (many: number): string => (many > 0 ? `, after ${many} declined` : '')

type Tell = (transfer: Transfer, detail: AuditEntry['detail']) => string | undefined
/** What is told of an audit entry, by its status; the rest (deliveries: the CRM tells of them itself) is left out. */
const tells: Readonly<Record<string, Tell>> = {
  accepted: ({ id }) => `Handoff wrote the request down as transfer ${id}`,
  executing: (_, { passedOver }) => (passedOver ? `${passedOver}: the fallback gets the call` : undefined),
  initiated: (transfer) =>
    `Handoff → Genesys accepted the transfer to ${place(transfer)} (priority ${transfer.priority}), ${transfer.latencyMs} ms`,
  routing_applied: (_, { priority, skillIds, verified }) =>
    skillIds || priority !== 0
      ? `${skillIds ? `skill ${skillIds} and ` : ''}priority ${priority} put on the waiting call${verified ? ', and read back' : ''}`
      : undefined,
  loop_guard_mirrored: ({ transferDepth, transferPath }) =>
    `depth ${transferDepth} and path ${transferPath.join(' > ')} mirrored to the call`,
  bounced: (_, { bounces }) => `offer ${bounces} was declined; the call goes on waiting`,
  picked_up: ({ agentUserId, pickupMs, bounces }) =>
    `${agentUserId} picked up ${seconds(pickupMs ?? 0)} after the acceptance${declined(bounces)}`,
  rejected: ({ code, message }) => `${code}: ${message}`,
  timeout: ({ code, message }) => `${code}: ${message}`,
  abandoned: ({ code, message }) => `${code}: ${message}`,
  failed: ({ code, message }) => `${code}: ${message}`,
  superseded: ({ code, message }) => `${code}: ${message}`,
}
const words: Readonly<Record<string, string>> = { routing_applied: 'routing', loop_guard_mirrored: 'loop guard' }

/** What an audit entry has to tell, if anything. */
export function momentOf(entry: AuditEntry, transfer: Transfer): Moment | undefined {
  const text = tells[entry.status]?.(transfer, entry.detail)
  return text === undefined ? undefined : { at: Date.parse(entry.timestamp), what: words[entry.status] ?? entry.status, text }
}

/** What the CRM heard; it hears nothing that it could not verify. */
export const heardMoment = ({ at, type }: Heard): Moment => ({ at, what: 'CRM', text: `heard ${type}, both signatures verified` })
