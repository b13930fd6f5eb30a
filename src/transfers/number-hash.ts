/** Numbers as keyed hashes: one caller can still be followed, nobody can be called (reliability §7). */
import { createHmac } from 'node:crypto'

/** E.164 in an address of the platform: tel:+49…, sip:+49…@host;user=phone, or the number alone. */
const number = /^(?:tel:|sips?:)?(\+?\d{5,15})(?![\w-])/

/** 16 hex digits of HMAC-SHA256; the same number gives the same in whatever address it stands. Undefined: there is none. */
export function numberHash(address: string, secret: string): string | undefined {
  const [, digits] = number.exec(address.replaceAll(/[ ()]/g, '')) ?? []
  if (digits === undefined) return undefined
  const international = digits.startsWith('+') ? digits : `+${digits}`
  return createHmac('sha256', secret).update(international).digest('hex').slice(0, 16)
}
