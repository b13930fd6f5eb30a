/** Which phone numbers a pattern of ALLOWED_NUMBERS fits: digits, and `*` for any digits. */

/** Tells whether a whole number fits. */
export interface NumberPattern {
  /** @param address `+` and digits; anything else does not fit */
  test(address: string): boolean
}

/**
 * Each part between two `*` is taken where it is found first, so that nothing is tried twice: a regular expression with several `*` tries
 * every way to divide the digits among them.
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
