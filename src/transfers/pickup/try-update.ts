/** Tries to update a call that has moved, and tells a failure that is worth another try from one that is not. */
import { GenesysError } from '../../genesys/http/errors.ts'
import type { Detail, Patch } from '../patch.ts'

/** The result of an update, for the record and the audit trail. */
export interface UpdateResult {
  patch: Patch
  status: string
  detail?: Detail
}

/**
 * Runs an update.
 * @param toRefused the result if the update has failed for good
 * @returns undefined if the update failed and is worth another try
 */
export async function tryUpdate<T>(
  update: () => Promise<T>,
  toRefused: (error: GenesysError) => T,
  canRetry: (error: GenesysError) => boolean,
): Promise<T | undefined> {
  try {
    return await update()
  } catch (error) {
    if (!(error instanceof GenesysError)) throw error
    return canRetry(error) ? undefined : toRefused(error)
  }
}
