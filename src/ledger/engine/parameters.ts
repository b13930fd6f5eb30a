/** Turns named SQL parameters into numbered ones. Both drivers bind numbered parameters by position, which saves a lookup by name in every call. */

export interface NumberedSql {
  sql: string
  /** The parameters' names in the order of their numbers, which start at 1. */
  parameters: string[]
}

/**
 * @param sql with named parameters (`:name`); a cast (`::type`) is not a parameter
 * @param prefix what precedes a number: `$` for PostgreSQL, `?` for SQLite
 */
export function numberParameters(sql: string, prefix: '$' | '?'): NumberedSql {
  const parameters: string[] = []
  const numbered = sql.replaceAll(/(?<!:):([a-zA-Z]\w*)/g, (_, name: string) => {
    if (!parameters.includes(name)) parameters.push(name)
    return `${prefix}${parameters.indexOf(name) + 1}`
  })
  return { sql: numbered, parameters }
}
