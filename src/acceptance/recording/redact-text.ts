/** How one text of the platform is redacted: what kind of text it is decides what takes its place, and whether it may stay. */
import { isUuid } from '../../model/formats/patterns.ts'

/** Gives each original of a kind its replacement, always the same one. */
export interface Replacements {
  id: (original: string) => string
  number: (digits: string) => string
  name: (original: string) => string
  text: (original: string) => string
  /** The local part of an address without a number or an id. */
  address: (original: string) => string
}

/** Fields whose values are words of the platform. A word that is not known yet is what a recording is for, so there is no list of values. */
const wordFields: ReadonlySet<string> = new Set([
  'state',
  'initialState',
  'purpose',
  'disconnectType',
  'direction',
  'code',
  'errorCode',
  'type',
  'transferType',
  'recordingState',
  'mediaRoles',
  'mediaType',
  'status',
  'systemPresence',
  'acdOutcome',
  'usedRouting',
  'key',
  'namespace',
  'missingPermissions',
  'wrapupPrompt',
])
const nameFields: ReadonlySet<string> = new Set(['name', 'queueName', 'userName', 'displayName', 'callbackUserName'])

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/
const word = /^[A-Za-z][\w.:* -]{0,79}$/
const topic = /^v2(\.[\w-]{1,64}){2,12}$/
const scheme = /^(tel|sips?):/i
/** What a phone number may be written with, besides its digits. */
const onlyNumber = /^\+?[\d\s().,/_-]{5,40}$/
export const containsId = (text: string): boolean => text.search(uuid) >= 0
/** Digits, outside of ids, that could be a part of a phone number. */
export const hasManyDigits = (text: string): boolean => /\d{5}/.test(text.replaceAll(uuid, ''))

const digitsOf = (text: string): string => text.replaceAll(/\D/g, '')

function redactAddress(text: string, replacements: Replacements): string {
  const [, prefix = ''] = scheme.exec(text) ?? []
  const rest = text.slice(prefix === '' ? 0 : prefix.length + 1)
  const local = rest.split('@')[0] ?? ''
  const ids = local.match(uuid)
  const digits = digitsOf(local.replaceAll(uuid, '').split(';')[0] ?? '')
  const party =
    ids !== null
      ? ids.map(replacements.id).join('-')
      : digits.length > 4
        ? replacements.number(digits)
        : replacements.address(local.toLowerCase())
  const start = prefix === '' ? '' : `${prefix.toLowerCase()}:`
  const host = rest.includes('@') ? '@host.invalid' : ''
  const user = /;user=(acd|agent|ivr|phone|station|user|voicemail)$/.exec(rest)
  return `${start}${party}${host}${user?.[0] ?? ''}`
}

/**
 * Redacts one text. Ids, numbers, addresses, names and free text are replaced; times and the platform's own words stay.
 * @param field the name of the field, or of the field of the list, that the text stands in
 */
export function redactText(field: string, text: string, replacements: Replacements): string {
  if (text === '' || isoTime.test(text)) return text
  if (isUuid(text)) return replacements.id(text)
  if (scheme.test(text) || onlyNumber.test(text)) return redactAddress(text, replacements)
  if (topic.test(text) && !hasManyDigits(text)) return text.replaceAll(uuid, replacements.id)
  if (wordFields.has(field) && word.test(text) && !hasManyDigits(text) && !containsId(text)) return text
  if (field === 'id') return replacements.id(text)
  return nameFields.has(field) ? replacements.name(text) : replacements.text(text)
}
