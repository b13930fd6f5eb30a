/**
 * Finds possible phone numbers in free text of callers or the platform, in whatever way they are written. For finished log lines there are
 * other patterns (redact-log-line.ts). No rule finds every number, for example one in words, so text of callers is also stored where it can
 * be erased (docs/reliability.md#personal-data).
 */
import { findIds, findReadableNumbers, type Span } from './readable-numbers.ts'

/** The shortest phone number, in digits. */
const minDigits = 7
/** The shortest phone number with an extension, in digits of both together. */
const minDigitsWithExtension = 4

const extensionWords: ReadonlySet<string> = new Set([
  'ext',
  'extn',
  'extension',
  'dw',
  'durchwahl',
  'nst',
  'klappe',
  'poste',
  'anexo',
  'ramal',
  'interno',
])
/** Consecutive digits. */
interface Digits extends Span {
  count: number
  /** Whether they are part of a date, a time or an amount. */
  isReadable: boolean
}
/** Groups of digits that may form one phone number, in order. */
interface Run {
  groups: Digits[]
  hasExtension: boolean
}

const words = (text: string): string[] => text.match(/\p{L}+/gu)?.map((word) => word.toLowerCase()) ?? []

/**
 * Whether the text between two groups of digits can be part of a phone number: it has at most one word, or no spaces. With more words it would
 * join numbers that have nothing to do with each other, such as those of a ticket and an agent.
 */
const canJoin = (gap: string, gapWords: string[]): boolean => gapWords.length <= 1 || !/\s/u.test(gap)

function findRuns(text: string): Run[] {
  const readable = findReadableNumbers(text)
  const runs: Run[] = []
  let next = 0
  let end = 0
  for (const { 0: digits, index: start } of text.matchAll(/\p{N}+/gu)) {
    const gap = text.slice(end, start)
    const gapWords = words(gap)
    let run = runs.at(-1)
    if (run === undefined || !canJoin(gap, gapWords)) {
      run = { groups: [], hasExtension: false }
      runs.push(run)
    } else if (gapWords.some((word) => extensionWords.has(word))) run.hasExtension = true
    end = start + digits.length
    while ((readable[next]?.end ?? Infinity) <= start) next += 1
    const span = readable[next]
    const isReadable = span !== undefined && span.start <= start && end <= span.end
    run.groups.push({ start, end, count: digits.match(/\p{N}/gu)?.length ?? 0, isReadable })
  }
  return runs
}

const countDigits = (groups: Digits[]): number => groups.reduce((sum, { count }) => sum + count, 0)

/** The part of a run that could be a phone number. */
function findNumber({ groups, hasExtension }: Run, text: string): Span | undefined {
  const hasEnoughDigits = (some: Digits[]) => countDigits(some) >= (hasExtension ? minDigitsWithExtension : minDigits)
  const unreadable = groups.filter(({ isReadable }) => !isReadable)
  const first = groups[0]
  const isInternational = first !== undefined && /[+＋][(（]?$/u.test(text.slice(Math.max(0, first.start - 2), first.start))
  const masked = hasEnoughDigits(unreadable) ? unreadable : isInternational && hasEnoughDigits(groups) ? groups : []
  const [from, to] = [masked[0], masked.at(-1)]
  if (from === undefined || to === undefined) return undefined
  const opening = /[+＋(（]*$/u.exec(text.slice(Math.max(0, from.start - 2), from.start))?.[0] ?? ''
  return { start: from.start - opening.length, end: to.end }
}

function maskPart(text: string, replacement: string): string {
  let masked = ''
  let end = 0
  for (const number of findRuns(text).flatMap((run) => findNumber(run, text) ?? [])) {
    masked += text.slice(end, number.start) + replacement
    end = number.end
  }
  return masked + text.slice(end)
}

/** Replaces every possible phone number. Ids, dates, times, amounts and numbers with fewer than seven digits stay, except with an extension. */
export function maskNumbers(text: string, replacement = '[number]'): string {
  let masked = ''
  let end = 0
  for (const id of findIds(text)) {
    masked += maskPart(text.slice(end, id.start), replacement) + text.slice(id.start, id.end)
    end = id.end
  }
  return masked + maskPart(text.slice(end), replacement)
}
