/** The result of one check of the doctor, and how all results are printed. */

export interface CheckResult {
  /** What was checked, in a word or two. */
  check: string
  outcome: 'ok' | 'not ok' | 'warning'
  /** What was found; contains no secret and no phone number. */
  message: string
  /** How to fix it. */
  remedy?: string
  /** Permissions that the OAuth client's role lacks. */
  missingPermissions?: string[]
}

export const createPass = (check: string, message: string): CheckResult => ({ check, outcome: 'ok', message })
export const createWarning = (check: string, message: string, remedy: string, missingPermissions?: string[]): CheckResult => ({
  check,
  outcome: 'warning',
  message,
  remedy,
  ...(missingPermissions && { missingPermissions }),
})
export const createFailure = (check: string, message: string, remedy: string, missingPermissions?: string[]): CheckResult => ({
  check,
  outcome: 'not ok',
  message,
  remedy,
  ...(missingPermissions && { missingPermissions }),
})

/** Whether no check failed, so that Handoff can transfer calls. */
export const isHealthy = (results: readonly CheckResult[]): boolean => results.every(({ outcome }) => outcome !== 'not ok')

/** Says what the results mean for someone who reads nothing else. */
function summarize(results: readonly CheckResult[]): string {
  const count = (wanted: CheckResult['outcome']): number => results.filter(({ outcome }) => outcome === wanted).length
  const [failures, warnings] = [count('not ok'), count('warning')]
  if (failures > 0) return `${failures} of ${results.length} checks failed.`
  if (warnings > 0) return `Handoff can transfer calls, but ${warnings} of ${results.length} checks gave a warning.`
  return 'Everything that Handoff needs is in place.'
}

/** Formats one line for each result, and a summary. */
export function formatResults(results: readonly CheckResult[]): string {
  const lines = results.map(
    ({ check, outcome, message, remedy }) => `${outcome.padEnd(8)}${check}: ${message}${remedy ? ` To fix it: ${remedy}` : ''}`,
  )
  const missing = [...new Set(results.flatMap(({ missingPermissions = [] }) => missingPermissions))]
  const summary = summarize(results)
  return `${[...lines, missing.length > 0 ? `${summary} Missing permissions: ${missing.join(', ')}.` : summary].join('\n')}\n`
}

/** The results as JSON. Programs depend on these field names. */
export const toJson = (results: readonly CheckResult[]): string =>
  JSON.stringify(
    {
      healthy: isHealthy(results),
      findings: results.map(({ check, outcome, message, remedy, missingPermissions }) => ({
        check,
        verdict: outcome,
        says: message,
        cure: remedy,
        permissions: missingPermissions,
      })),
    },
    null,
    2,
  )
