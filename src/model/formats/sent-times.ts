/** Which times a caller may send: those that an answer can repeat, because their years have four digits in UTC (RFC 3339 §5.6). */

/** The first of these times, epoch ms. */
export const firstTime = Date.parse('0000-01-01T00:00:00Z')
const lastTime = Date.parse('9999-12-31T23:59:59.999Z')

/** Says in a message what a time must be. */
export const timeForm = 'a time in the years 0000 to 9999 in UTC, and not a leap second'

/**
 * @param text in the format `date-time`
 * @returns epoch ms; undefined for a leap second, which `Date` cannot represent, and for a time that its offset moves out of these years
 */
export function parseSentTime(text: string): number | undefined {
  const time = Date.parse(text)
  return time >= firstTime && time <= lastTime ? time : undefined
}
