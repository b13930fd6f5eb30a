/** The platform's answer is not a conversation; the message names the field, never its value. */
export class UnreadableConversation extends Error {
  override name = 'UnreadableConversation'
}

/** A JSON object of which nothing is known yet. `where` in the functions below is its path, for the message. */
export type JsonFields = Record<string, unknown>

const at = (where: string, key: string) => (where === '' ? key : `${where}.${key}`)
export const isText = (entry: [string, unknown]): entry is [string, string] => typeof entry[1] === 'string'

/** A property that is there only when its value is (`exactOptionalPropertyTypes`). */
export const optionalProperty = <K extends string, V>(key: K, value: V | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: V }

export function jsonFields(value: unknown, where: string): JsonFields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new UnreadableConversation(`${where} is not an object`)
  return value as JsonFields
}

/** Text; null and empty text mean absent. */
export function text(from: JsonFields, key: string, where: string): string | undefined {
  const value = from[key] ?? ''
  if (typeof value !== 'string') throw new UnreadableConversation(`${at(where, key)} is not text`)
  return value === '' ? undefined : value
}

/** A time in ISO 8601, as it stands. */
export function time(from: JsonFields, key: string, where: string): string | undefined {
  const value = text(from, key, where)
  if (value === undefined) return undefined
  if (!/^\d{4}-\d\d-\d\dT/.test(value) || Number.isNaN(Date.parse(value)))
    throw new UnreadableConversation(`${at(where, key)} is not a time`)
  return value
}

export function number(from: JsonFields, key: string, where: string): number | undefined {
  const value = from[key] ?? undefined
  if (value !== undefined && typeof value !== 'number') throw new UnreadableConversation(`${at(where, key)} is not a number`)
  return value
}

export function inner(from: JsonFields, key: string, where: string): JsonFields | undefined {
  const value = from[key] ?? undefined
  return value === undefined ? undefined : jsonFields(value, at(where, key))
}

/** The id of a `{ id, name, selfUri }`. */
export function reference(from: JsonFields, key: string, where: string): string | undefined {
  const target = inner(from, key, where)
  return target === undefined ? undefined : text(target, 'id', at(where, key))
}

/** The objects of a list, each with its path. */
export function list(from: JsonFields, key: string, where: string, mustBeThere = false): Array<[JsonFields, string]> {
  const value = from[key] ?? (mustBeThere ? undefined : [])
  if (!Array.isArray(value)) throw new UnreadableConversation(`${at(where, key)} is not a list`)
  return value.map((item, index) => [jsonFields(item, `${at(where, key)}[${index}]`), `${at(where, key)}[${index}]`])
}

export function required(value: string | undefined, where = ''): string {
  if (value === undefined) throw new UnreadableConversation(`${at(where, 'id')} is missing`)
  return value
}
