/** Times, durations, shares and states as people read them. */

const time = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit', second: '2-digit' })
const dayAndTime = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  second: '2-digit',
})
const integer = new Intl.NumberFormat()

export function formatTime(value) {
  const date = new Date(value)
  return (date >= new Date().setHours(0, 0, 0, 0) ? time : dayAndTime).format(date)
}
export const formatExactTime = (value) => new Date(value).toISOString()
export const formatCount = (count) => integer.format(count)
export const formatShare = (share) => (share === null || share === undefined ? '–' : `${(Math.round(share * 1_000) / 10).toFixed(1)}%`)

const two = (value) => String(value).padStart(2, '0')

/** A duration in ms: 840 ms, 4.2 s, 1:05 min, 2:03 h, 3 d. */
export function formatDuration(ms) {
  if (ms === null || ms === undefined) return '–'
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 10_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`
  const seconds = Math.floor(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}:${two(seconds % 60)} min`
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}:${two(Math.floor(seconds / 60) % 60)} h`
  return `${Math.floor(seconds / 86_400)} d`
}

/** How long ago, for times that count up by the second: without fractions, so that nothing flickers. */
export const formatWait = (ms) =>
  formatDuration(Math.max(0, ms) < 1_000 ? 0 : Math.floor(ms / 1_000) * 1_000)
    .replace(/\.0 s$/, ' s')
    .replace('0 ms', '0 s')

/** Each state: its name, its tone, and what it means. */
export const states = {
  accepted: { label: 'Accepted', tone: 'info', means: 'Stored, and about to be checked.' },
  executing: { label: 'Moving', tone: 'info', means: 'The platform has been asked to move the call.' },
  decided: { label: 'Decided', tone: 'info', means: 'The flow has been told where to move the call, and is watched.' },
  initiated: { label: 'Waiting', tone: 'accent', means: 'The platform has moved the call. Nobody has picked it up yet.' },
  indeterminate: { label: 'Unclear', tone: 'bad', means: 'The platform has not said what it did.' },
  picked_up: { label: 'Picked up', tone: 'good', means: 'An agent has picked up the call.' },
  timeout: { label: 'No answer', tone: 'warn', means: 'Nobody picked up in time. The call is not lost: it still waits.' },
  abandoned: { label: 'Hung up', tone: 'warn', means: 'The caller hung up before anyone picked up.' },
  failed: { label: 'Failed', tone: 'bad', means: 'The call did not get where it was sent.' },
  superseded: { label: 'Replaced', tone: 'quiet', means: 'A later transfer took over.' },
  callback_created: { label: 'Callback', tone: 'good', means: 'The caller will be called back.' },
  rejected: { label: 'Refused', tone: 'bad', means: 'Nothing was moved; the code says why.' },
}
/** The states of a transfer that is not over. */
export const openStates = ['accepted', 'executing', 'decided', 'initiated', 'indeterminate']
export const isOpen = ({ state }) => openStates.includes(state)

/** When the waiting of a transfer began: when the platform accepted its current hop, else when it was requested. */
const waitingSince = ({ hops = [], createdAt }) => Date.parse(hops.at(-1)?.initiatedAt ?? createdAt)
export const waitOf = (transfer, now) =>
  (isOpen(transfer) ? now : Date.parse(transfer.pickupTime ?? transfer.updatedAt)) - waitingSince(transfer)

/** The words of an identifier: caller_refused → Caller refused. */
export const toWords = (identifier) => {
  const words = String(identifier).replaceAll(/[._]/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
