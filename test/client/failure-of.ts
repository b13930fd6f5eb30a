/** The error of a call that is expected to fail. */
import { HandoffError } from '../../client/src/index.ts'

/** The HandoffError that a call is rejected with. @throws Error if it is not rejected, or with anything else */
export async function failureOf(call: Promise<unknown>): Promise<HandoffError> {
  const error: unknown = await call.then(
    () => 'it was not rejected',
    (reason) => reason,
  )
  if (error instanceof HandoffError) return error
  throw new Error('not a HandoffError', { cause: error })
}
