/** What the audit trail says about a transfer, in words for people: what happened, and its details. */
import { formatDuration, states, toWords } from '../format.js'
import { describeValue } from '../names.js'

const titles = {
  routing_applied: 'Priority and skills set',
  routing_refused: 'Priority and skills not set',
  routing_unchanged: 'Priority and skills were right already',
  change_requested: 'Change of priority or skills requested',
  attributes_written: 'Context written to the call',
  attributes_not_written: 'Context not written to the call',
  loop_guard_mirrored: 'Noted on the call: where it has been',
  loop_guard_not_mirrored: 'Not noted on the call: where it has been',
  bounced: 'Offer not taken',
  late_pickup: 'Picked up late',
  hop_failed: 'This place did not take the call',
  overflow_blocked: 'Not moved on yet',
}
/** What happened, by the status of an audit entry. */
export const describeStatus = (status) => states[status]?.label ?? titles[status] ?? toWords(status)

const describers = {
  reason: (text) => `reason: ${text}`,
  settledBy: (keyId) => `by ${keyId}`,
  verified: (isVerified) => (isVerified ? 'confirmed by the platform' : 'the platform shows other values'),
  afterMs: (ms) => `took ${formatDuration(ms)}`,
  bounces: (count) => `${count} so far`,
  skillIds: (ids) => `skills ${ids.split(' ').map(describeValue).join(', ')}`,
  preferredUserIds: (ids) => `preferred agents ${ids.split(' ').map(describeValue).join(', ')}`,
}
/** A detail of an audit entry. */
export const describeDetail = (name, value) =>
  describers[name]?.(value) ?? `${toWords(name.replaceAll(/([A-Z])/g, ' $1')).toLowerCase()} ${describeValue(value)}`
