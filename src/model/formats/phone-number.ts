/** How callers may write phone numbers, and how such a number becomes E.164. */
import { isE164 } from './patterns.ts'

/**
 * What people and address books put between the digits: spaces, dots, hyphens and dashes, and invisible characters. Of the marks that set the
 * direction of a text, those that show it from right to left are missing: a number could read differently from what is dialed.
 */
const fillers = '\\s.\\u2010-\\u2013\\u2212\\u200b\\u2060\\u200e\\u202a\\u202c\\u202d\\u2066\\u2068\\u2069-'
/** At most three fillers, brackets or slashes in a row, so that matching the pattern below takes linear time. */
const someFillers = `[()/${fillers}]{0,3}`

/**
 * A number with its country code, as people and the platform write it: +49301234567, +1 (317) 555-0123, tel:+1-317-555-0123. The position
 * of brackets is not checked. As the source of a JSON Schema `pattern`.
 */
export const phoneNumberPattern = `^[${fillers}]{0,3}(?:[Tt][Ee][Ll]:)?${someFillers}\\+${someFillers}[1-9](?:${someFillers}[0-9]){6,14}${someFillers}$`
/** What `phoneNumberPattern` and `normalizePhoneNumber` require, for the message of a refusal. */
export const phoneNumberForm = 'a number with its country code, such as +49301234567 or +1 (317) 555-0123'

const filler = new RegExp(`[${fillers}]`, 'g')
/**
 * A slash where it does not only separate two parts of one number. Few digits after it are the end of a second number, as in
 * +49 30 1234567/68.
 */
const ambiguousSlash = /^\/|\/\d{0,3}$/
/**
 * A number without fillers whose brackets, if it has any, contain digits that do not begin with a zero. In most countries such a zero is not
 * dialed from abroad, so +49 (0)30 is ambiguous.
 */
const unambiguousNumber = /^(?:\(\+?[1-9][0-9]*\)|[+0-9])+$/

/**
 * The number in E.164 form; undefined if it is not clear which number is meant. Nothing is guessed: a number without `+` and country code,
 * with an extension or with letters gives undefined.
 */
export function normalizePhoneNumber(text: string): string | undefined {
  const parts = text.replaceAll(filler, '').replace(/^tel:/i, '')
  if (ambiguousSlash.test(parts.replaceAll(/[()]/g, ''))) return undefined
  const compact = parts.replaceAll('/', '')
  const number = compact.replaceAll(/[()]/g, '')
  return unambiguousNumber.test(compact) && isE164(number) ? number : undefined
}
