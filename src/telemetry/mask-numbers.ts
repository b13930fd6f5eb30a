/**
 * What in free text could be a phone number, however it is written: the one rule for text that callers or the platform write. Finished log
 * lines are searched by redact-log-line.ts.
 */

/** An id stays readable, however many digits it has: a UUID, or its 32 hex digits. */
const id = /((?<![\p{L}\p{N}])(?:[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|(?=\d*[a-f])[\da-f]{32})(?![\p{L}\p{N}]))/iu
/**
 * Six digits or more of any script, with at most four characters that are neither letters nor digits between two of them. Dates and
 * long ticket numbers are caught too: what is unreadable can be asked for, and what was written into the audit trail stays there.
 */
const number = /[+(＋（]{0,2}\p{N}(?:[^\p{L}\p{N}]{0,4}\p{N}){5,}/gu

/** The text with every possible phone number replaced. */
export const maskNumbers = (text: string, replacement = '[number]'): string =>
  text
    .split(id)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll(number, replacement)))
    .join('')
