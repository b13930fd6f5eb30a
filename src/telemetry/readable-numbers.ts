/** Finds text with many digits that is not a phone number, so that it stays readable: ids, dates, times and amounts of money. */

/** A part of a text, from `start` up to but not including `end`. */
export interface Span {
  start: number
  end: number
}

/** The form of an id: a UUID, or 32 hex digits. */
const idForm = /(?<![\p{L}\p{N}])(?:[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|[\da-f]{32})(?![\p{L}\p{N}])/giu
/** A UUID of version 4 or 7 (RFC 9562 §5.4 and §5.7), which programs make at random or from the time, as the platform and Handoff do. */
const standardUuid = /^[\da-f]{8}-[\da-f]{4}-[47][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i
const hexWithLetter = /^(?=\d*[a-f])[\da-f]{32}$/i
/** Six or more equal digits in a row, which a random id practically never has. */
const repetition = /(.)\1{5,}/g
const longNumber = /\d{7}/

/** The digits without padding: every long repetition of the digit that has the longest one becomes a space. */
function removePadding(digits: string): string {
  const repetitions = (digits.match(repetition) ?? []).toSorted((a, b) => b.length - a.length)
  return digits.replaceAll(repetition, (repeated) => (repeated[0] === repetitions[0]?.[0] ? ' ' : repeated))
}

/** Whether hex digits are a long number that is padded with one repeated digit. */
export function isPaddedNumber(digits: string): boolean {
  const rest = removePadding(digits.toLowerCase())
  return rest.length < digits.length && longNumber.test(rest)
}

/** Whether hex digits are, or contain, a long number that was not chosen at random. */
export const hidesNumber = (digits: string): boolean =>
  isPaddedNumber(digits) || (/^\d+$/.test(digits) && longNumber.test(removePadding(digits)))

/** Whether this text is an id that is not made from a number. */
const isId = (text: string): boolean => (standardUuid.test(text) || hexWithLetter.test(text)) && !isPaddedNumber(text.replaceAll('-', ''))

/** The ids in a text, in order. */
export const findIds = (text: string): Span[] => findSpans(text, idForm).filter(({ start, end }) => isId(text.slice(start, end)))

const year = String.raw`(?:19|20)\d\d`
const month = String.raw`(?:0?[1-9]|1[0-2])`
const day = String.raw`(?:0?[1-9]|[12]\d|3[01])`
const time = String.raw`(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?`
const offset = String.raw`(?:Z|[+-]\d\d:?\d\d)?`
const currency = String.raw`(?:[$€£¥]|(?:EUR|USD|GBP|CHF|CAD|AUD|JPY|INR)\b)`
const cents = String.raw`[.,]\d\d`
const shortAmount = String.raw`(?:\d{1,3}(?:[.,' ]\d{3}){1,4}|\d{1,7})(?:${cents})?`

/** Each form must stand alone: it neither begins nor ends inside a longer number. */
const readableForms = [
  `${year}-${month}-${day}(?:[T ]${time}${offset})?`,
  // Each form of a date has its own mark: a reference to a mark that was not found would match nothing at all.
  String.raw`(?:${day}([./-])${month}\1|${month}([./-])${day}\2)${year}`,
  time,
  // An amount has two kinds of marks, which no phone number has, or a currency.
  String.raw`\d{1,3}(?:,\d{3}){1,4}\.\d\d`,
  String.raw`\d{1,3}(?:\.\d{3}){1,4},\d\d`,
  String.raw`\d{1,3}(?:'\d{3}){1,4}\.\d\d`,
  `${currency} ?${shortAmount}`,
  `${shortAmount} ?${currency}`,
].map((form) => new RegExp(String.raw`(?<![\p{L}\p{N}+]|\p{N}[-./:,' ])${form}(?![\p{L}\p{N}]|[-./:']\p{N}|,\p{N})`, 'gu'))

/** The dates, times and amounts in a text, in order. Those that overlap are merged into one span. */
export function findReadableNumbers(text: string): Span[] {
  const spans = readableForms.flatMap((form) => findSpans(text, form)).toSorted((a, b) => a.start - b.start)
  return spans.reduce<Span[]>((merged, span) => {
    const last = merged.at(-1)
    if (last !== undefined && span.start < last.end) last.end = Math.max(last.end, span.end)
    else merged.push(span)
    return merged
  }, [])
}

const findSpans = (text: string, pattern: RegExp): Span[] =>
  [...text.matchAll(pattern)].map(({ 0: match, index }) => ({ start: index, end: index + match.length }))
