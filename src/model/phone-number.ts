/** How callers may write phone numbers, and how such a number becomes E.164. */
import { isE164 } from './patterns.ts'

/**
 * What people and address books put between the digits: spaces, dots, hyphens and dashes, and the invisible marks that keep a copied number
 * left to right.
 */
const fillers = '\\s.\\u2010-\\u2013\\u200e\\u202a\\u202c\\u202d-'
/** At most three fillers or brackets in a row, so that matching the pattern below takes linear time. */
const someFillers = `[()${fillers}]{0,3}`

/**
 * A number with its country code, as people and the platform write it: +49301234567, +1 (317) 555-0123, tel:+1-317-555-0123. The position
 * of brackets is not checked. As the source of a JSON Schema `pattern`.
 */
export const phoneNumberPattern = `^[${fillers}]{0,3}(?:[Tt][Ee][Ll]:)?${someFillers}\\+${someFillers}[1-9](?:${someFillers}[0-9]){6,14}${someFillers}$`
/** What `phoneNumberPattern` and `normalizePhoneNumber` require, for the message of a refusal. */
export const phoneNumberForm = 'a number with its country code, such as +49301234567 or +1 (317) 555-0123'

const filler = new RegExp(`[${fillers}]`, 'g')
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
  const compact = text.replaceAll(filler, '').replace(/^tel:/i, '')
  const number = compact.replaceAll(/[()]/g, '')
  return unambiguousNumber.test(compact) && isE164(number) ? number : undefined
}
