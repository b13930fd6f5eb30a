/**
 * Turns phone numbers into keyed hashes: the transfers of one caller can be found, but the number cannot be read
 * (docs/reliability.md#personal-data).
 */
import { createHmac } from 'node:crypto'
import { normalizePhoneNumber } from '../model/formats/phone-number.ts'

/** The number in an address of the platform: tel:+49…, sip:+49…@host;user=phone, or the number alone. */
const numberInAddress = /^(?:tel:|sips?:)?(\+?\d{5,15})(?![\w-])/

/**
 * Hashes the phone number in an address, in whatever form the address is written.
 * @returns 16 hex digits of an HMAC-SHA256; undefined if the address contains no number
 */
export function numberHash(address: string, secret: string): string | undefined {
  const [, digits] = numberInAddress.exec(normalizePhoneNumber(address) ?? address.replaceAll(/[ ()]/g, '')) ?? []
  if (digits === undefined) return undefined
  const international = digits.startsWith('+') ? digits : `+${digits}`
  return createHmac('sha256', secret).update(international).digest('hex').slice(0, 16)
}
