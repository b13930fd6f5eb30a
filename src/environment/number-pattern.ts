/** Which phone numbers match a pattern of ALLOWED_NUMBERS: digits, and `*` for any digits. */

export interface NumberPattern {
  /** Whether a phone number matches as a whole. @param address `+` and digits; anything else does not match */
  test(address: string): boolean
}

/**
 * Creates a matcher that is not a regular expression, which would try every way to divide the digits among several `*`. Here each part
 * between two `*` is matched where it occurs first, which is always sufficient.
 * @param pattern `+`, then digits and `*`
 */
export function createNumberPattern(pattern: string): NumberPattern {
  const [prefix = '', ...rest] = pattern.split('*')
  const suffix = rest.pop()
  if (suffix === undefined) return { test: (address) => address === pattern }
  return {
    test(address) {
      if (!/^\+[0-9]*$/.test(address) || !address.startsWith(prefix)) return false
      let position = prefix.length
      for (const part of rest) {
        const found = address.indexOf(part, position)
        if (found < 0) return false
        position = found + part.length
      }
      return address.length - suffix.length >= position && address.endsWith(suffix)
    },
  }
}
