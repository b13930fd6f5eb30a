/**
 * Lets a transaction continue before the result of a statement is known, because it is almost always the same. If it is another one, the
 * statement fails, so that nothing is committed, and the transaction runs again and waits for the result.
 */
import { emptyResult, type Expectation, type QueryResult } from '../engine/query.ts'

/** The result of a statement was not the expected one. Nothing was written. */
export class WrongExpectation extends Error {
  constructor() {
    super('a result was not as expected')
    this.name = 'WrongExpectation'
  }
}

/** This text cannot be cast to an integer. The count of rows is appended, so that PostgreSQL cannot evaluate the cast before it has counted. */
const failureText = 'Handoff: not the expected number of rows: '
/** invalid_text_representation, the code of a failed cast. */
const invalidTextCode = '22P02'

const failUnlessCount = (count: number, sql: string): string =>
  `WITH result AS (${sql}) SELECT CASE count(*) WHEN ${count} THEN 1 ELSE CAST('${failureText}' || count(*) AS integer) END FROM result`

/** For each expectation, the statement that fails unless it is met, and the result when it is. */
const expectations: Record<Expectation, { failUnlessMet: (sql: string) => string; result: QueryResult }> = {
  'changes one row': { failUnlessMet: (sql) => failUnlessCount(1, `${sql} RETURNING 1`), result: { rows: [], changedRows: 1 } },
  'finds nothing': { failUnlessMet: (sql) => failUnlessCount(0, sql), result: emptyResult },
}

/** @returns the statement, which now fails unless the expectation is met */
export const failUnlessMet = (expectation: Expectation, sql: string): string => expectations[expectation].failUnlessMet(sql)

/** @returns the result of a statement that meets the expectation */
export const expectedResult = (expectation: Expectation): QueryResult => expectations[expectation].result

/** @param error an error of the driver */
export function isWrongExpectation(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string }
  return code === invalidTextCode && message?.includes(failureText) === true
}
