/**
 * Redacts what the platform answers, so that a recording can be shown: the same id, number or name becomes the same replacement wherever it
 * stands, and nothing of the original stays.
 */
import { containsId, hasManyDigits, redactText, type Replacements } from './redact-text.ts'

export interface Redactor {
  /** Redacts an id, or anything else that names one entity. */
  id: (original: string) => string
  /** Redacts every id in a path, but not in its query. */
  path: (path: string) => string
  /** Redacts a JSON value. */
  value: (value: unknown) => unknown
}

/** Fields whose own fields are named by flows and integrations, and may say anything. */
const freeFields: ReadonlySet<string> = new Set(['attributes', 'data', 'additionalInfo', 'uuiData'])
/** Names of attributes that Handoff gives. */
const ownAttribute = /^(handoff|transfer)[A-Za-z]{0,30}\d?$/
const fieldName = /^[\w$-]{1,60}$/
/**
 * A part of a path that is an id: the platform's own words have no digits. Ids of notification channels are no UUIDs.
 */
const idInPath = /(?<=\/)[^/?]*\d[^/?]*/g
/** Epoch ms between 2017 and 2049. Any other number of seven digits or more could be a phone number. */
const isTimeOrSmall = (value: number): boolean => Math.abs(value) < 1e6 || (value > 1.5e12 && value < 2.5e12)

/** Numbers the originals in the order in which they appear. */
function createNumbering(format: (count: number) => string): (original: string) => string {
  const replacements = new Map<string, string>()
  return (original) => {
    const known = replacements.get(original)
    if (known !== undefined) return known
    const replacement = format(replacements.size + 1)
    replacements.set(original, replacement)
    return replacement
  }
}

/** Replaces every id in a path. */
export function replaceIds(path: string, replace: (id: string) => string): string {
  const [pathname = '', ...query] = path.split('?')
  return [pathname.replaceAll(idInPath, replace), ...query].join('?')
}

/** Creates a redactor that has replaced nothing yet. One recording uses one redactor. */
export function createRedactor(): Redactor {
  const number = createNumbering((count) => `+1555${String(count).padStart(7, '0')}`)
  const name = createNumbering((count) => `Name ${count}`)
  const text = createNumbering((count) => `Text ${count}`)
  const key = createNumbering((count) => `field${count}`)
  const address = createNumbering((count) => `address-${count}`)
  const numberedId = createNumbering((count) => `00000000-0000-4000-8000-${count.toString(16).padStart(12, '0')}`)
  const id = (original: string): string => numberedId(original.toLowerCase())
  const replacements: Replacements = { id, number, name, text, address }

  const redactField = (parent: string, field: string): string => {
    const canStay = freeFields.has(parent) ? ownAttribute.test(field) : fieldName.test(field) && !containsId(field) && !hasManyDigits(field)
    return canStay ? field : key(field)
  }
  const redact = (field: string, value: unknown): unknown => {
    if (typeof value === 'string') return redactText(field, value, replacements)
    if (typeof value === 'number') return isTimeOrSmall(value) ? value : 0
    if (Array.isArray(value)) return value.map((item) => redact(field, item))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => {
        const isFree = freeFields.has(field)
        return [redactField(field, name), redact(isFree ? '' : name, item)]
      }),
    )
  }
  return { id, path: (path) => replaceIds(path, id), value: (value) => redact('', value) }
}
