/**
 * How a transaction goes on before it is known that a statement has changed its one row: the statement fails if it has not, so that nothing
 * is committed, and the transaction runs again and waits for the result.
 */

/** A row that was to be changed was not as expected. Nothing was written. */
export class WrongExpectation extends Error {
  constructor() {
    super('a row was not as expected')
    this.name = 'WrongExpectation'
  }
}

/** The text that no integer looks like; with the count of rows PostgreSQL cannot evaluate it before it knows that count. */
const message = 'Handoff: the row to change is not as expected; rows changed: '
const invalidTextCode = '22P02'

/** @returns the statement, which now fails if it changes no row */
export const failUnlessChanged = (sql: string): string =>
  `WITH changed AS (${sql} RETURNING 1) SELECT CASE count(*) WHEN 1 THEN 1 ELSE CAST('${message}' || count(*) AS integer) END FROM changed`

/** @param error an error of the driver */
export function isWrongExpectation(error: unknown): boolean {
  const { code, message: text } = error as { code?: string; message?: string }
  return code === invalidTextCode && text?.includes(message) === true
}
