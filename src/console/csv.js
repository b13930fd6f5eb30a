/** Transfers as text: CSV (RFC 4180) for a spreadsheet, or one JSON object a line. */
import { describePlace } from './names.js'

const columns = {
  id: ({ id }) => id,
  conversationId: ({ conversationId }) => conversationId,
  state: ({ state }) => state,
  code: ({ code }) => code,
  target: describePlace,
  queueId: ({ resolvedTarget, target }) => (resolvedTarget ?? target).queueId,
  reason: ({ reason }) => reason,
  priority: ({ priority }) => priority,
  hops: ({ hops }) => hops.length,
  requestedBy: ({ requestedBy }) => requestedBy,
  createdAt: ({ createdAt }) => createdAt,
  updatedAt: ({ updatedAt }) => updatedAt,
  latencyMs: ({ latencyMs }) => latencyMs,
  pickupMs: ({ pickupMs }) => pickupMs,
  agentUserId: ({ agentUserId }) => agentUserId,
}

/** A value as a field of CSV. A spreadsheet would run what begins like a formula, so a quote comes before it. */
function toCsvField(value) {
  const text = String(value ?? '')
  const harmless = typeof value === 'number' || !/^[\s\0]*[=+\-@＝＋－＠]|^[\t\r\n]/.test(text) ? text : `'${text}`
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

const toLine = (values) => `${values.map(toCsvField).join(',')}\r\n`

/** A spreadsheet reads the mark at the start as: this is UTF-8. */
const byteOrderMark = '\ufeff'

export const toCsv = (transfers) =>
  byteOrderMark +
  [Object.keys(columns), ...transfers.map((transfer) => Object.values(columns).map((read) => read(transfer)))].map(toLine).join('')

export const toNdjson = (transfers) => transfers.map((transfer) => `${JSON.stringify(transfer)}\n`).join('')
