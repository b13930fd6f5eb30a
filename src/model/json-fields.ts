/** How JSON of unknown shape is read: leniently (undefined for a wrong type), or strictly (an error that names the field by its path). */

/** A JSON object whose fields are not known yet. */
export type JsonFields = Readonly<Record<string, unknown>>

/** A field has the wrong type or is missing. The message names the field by its path and never quotes its value. */
export class UnreadableJson extends Error {
  override name = 'UnreadableJson'
}

/** `value` if it is a JSON object; undefined for an array, null and everything else. */
export const asObject = (value: unknown): JsonFields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonFields) : undefined

/** `value` if it is text that is not empty; otherwise undefined. */
export const asText = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** `value` if it is an ISO 8601 time; otherwise undefined. */
export function asTime(value: unknown): string | undefined {
  const text = asText(value)
  return text !== undefined && /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined
}

/** The JSON object that `text` holds; undefined if it holds anything else or is not JSON. */
export function parseObject(text: string): JsonFields | undefined {
  try {
    return asObject(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** An object to spread, with the property `key` only if `value` is not undefined, as `exactOptionalPropertyTypes` requires. */
export const optionalProperty = <Key extends string, Value>(key: Key, value: Value | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [Name in Key]?: Value }

const pathTo = (parent: string, key: string) => (parent === '' ? key : `${parent}.${key}`)

/** `value` as a JSON object. @throws UnreadableJson that names `path` */
export function requireObject(value: unknown, path: string): JsonFields {
  const fields = asObject(value)
  if (fields === undefined) throw new UnreadableJson(`${path} is not an object`)
  return fields
}

/** The `id` of the object at `path`. @throws UnreadableJson if it is absent, null, empty or not text */
export function requireId(fields: JsonFields, path: string): string {
  const id = readText(fields, 'id', path)
  if (id === undefined) throw new UnreadableJson(`${pathTo(path, 'id')} is missing`)
  return id
}

/** The text in `key` of the object at `path`; null and empty text count as absent. @throws UnreadableJson if it is not text */
export function readText(fields: JsonFields, key: string, path: string): string | undefined {
  const value = fields[key] ?? ''
  if (typeof value !== 'string') throw new UnreadableJson(`${pathTo(path, key)} is not text`)
  return asText(value)
}

/** The ISO 8601 time in `key`, unchanged; undefined if it is absent. @throws UnreadableJson if it is not a time */
export function readTime(fields: JsonFields, key: string, path: string): string | undefined {
  const value = readText(fields, key, path)
  if (value !== undefined && asTime(value) === undefined) throw new UnreadableJson(`${pathTo(path, key)} is not a time`)
  return value
}

/** The object in `key`; null counts as absent. @throws UnreadableJson if it is not an object */
function readObject(fields: JsonFields, key: string, path: string): JsonFields | undefined {
  const value = fields[key] ?? undefined
  return value === undefined ? undefined : requireObject(value, pathTo(path, key))
}

/** The id of the reference `{ id, name, selfUri }` in `key`; undefined if one of them is absent. @throws UnreadableJson for a wrong type */
export function readReference(fields: JsonFields, key: string, path: string): string | undefined {
  const reference = readObject(fields, key, path)
  return reference === undefined ? undefined : readText(reference, 'id', pathTo(path, key))
}

/** The objects of the list in `key`, each with its path; empty if null or absent. @throws UnreadableJson if it is not a list of objects */
export function readList(fields: JsonFields, key: string, path: string): Array<[item: JsonFields, path: string]> {
  return fields[key] === undefined || fields[key] === null ? [] : requireList(fields, key, path)
}

/** As `readList`, but null or absent is an error, too. @throws UnreadableJson */
export function requireList(fields: JsonFields, key: string, path: string): Array<[item: JsonFields, path: string]> {
  const value = fields[key]
  if (!Array.isArray(value)) throw new UnreadableJson(`${pathTo(path, key)} is not a list`)
  return value.map((item, index) => {
    const itemPath = `${pathTo(path, key)}[${index}]`
    return [requireObject(item, itemPath), itemPath]
  })
}
