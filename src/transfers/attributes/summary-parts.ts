/** Cuts a summary into the parts that become participant attributes (docs/architecture.md#summary-and-reason). */

/** Into how many parts a summary is cut at most, and how many characters (Unicode code points, as in JSON Schema) a part has at most. */
export const summaryLimits = { parts: 4, partLength: 250 } as const

/** The positions between two graphemes, that is between what a reader sees as characters, counted in code points. */
function listGraphemeEnds(text: string): number[] {
  let end = 0
  return Array.from(
    new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text),
    ({ segment }) => (end += Array.from(segment).length),
  )
}

/**
 * By the number of parts that are left: the first position from which the rest fits into them.
 * @param ends where it may be cut, in order; the last one is its length
 */
function findFirstStarts(ends: readonly number[]): number[] {
  const { parts, partLength } = summaryLimits
  let next = ends.at(-1) ?? 0
  const starts = [next]
  while (starts.length < parts) {
    const earliest = next - partLength
    next = earliest <= 0 ? 0 : (ends.find((end) => end >= earliest) ?? next)
    starts.push(next)
  }
  return starts
}

const isSpace = (character: string | undefined): boolean => character !== undefined && /\s/.test(character)

/**
 * Cuts a summary into parts. Put together without anything between them, they are the summary. Each cut is as late as possible, and leaves no
 * more than fits into the parts that are left: between two words; where no such cut fits, between two graphemes; and where even that does
 * not fit, because the summary is almost as long as all parts together, inside a grapheme. No text is ever left out.
 * @param summary at most 1,000 characters
 * @returns at most four parts of 1 to 250 characters
 */
export function splitSummary(summary: string): string[] {
  const { parts: maxParts, partLength } = summaryLimits
  const characters = Array.from(summary)
  if (characters.length <= partLength) return characters.length > 0 ? [summary] : []
  const graphemeEnds = listGraphemeEnds(summary)
  const firstStarts = findFirstStarts(graphemeEnds)
  const wordEnds = graphemeEnds.filter((end) => isSpace(characters[end - 1]) || isSpace(characters[end]))
  const parts: string[] = []
  let start = 0
  while (characters.length - start > partLength) {
    const latest = start + partLength
    const partsLeft = maxParts - parts.length - 1
    const fits = (end: number): boolean => end > start && end <= latest && end >= characters.length - partLength * partsLeft
    const fitsWithoutCuts = (end: number): boolean => fits(end) && end >= Number(firstStarts[partsLeft])
    const end =
      wordEnds.findLast(fitsWithoutCuts) ??
      graphemeEnds.findLast(fitsWithoutCuts) ??
      wordEnds.findLast(fits) ??
      graphemeEnds.findLast(fits) ??
      latest
    parts.push(characters.slice(start, end).join(''))
    start = end
  }
  return [...parts, characters.slice(start).join('')]
}
