/** Named parameters as numbered ones: bound by place, which spares a look-up for each name at each call. */

export interface Numbered {
  text: string
  /** By their numbers, from 1. */
  parameters: string[]
}

/** @param mark what stands before a number: `$` for PostgreSQL, `?` for SQLite. A cast (`::`) is no parameter. */
export function numbered(sql: string, mark: '$' | '?'): Numbered {
  const parameters: string[] = []
  const text = sql.replaceAll(/(?<!:):([a-zA-Z]\w*)/g, (_, name: string) => {
    if (!parameters.includes(name)) parameters.push(name)
    return `${mark}${parameters.indexOf(name) + 1}`
  })
  return { text, parameters }
}
