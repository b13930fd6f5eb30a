/** What a check of the doctor comes to, and how it is told. */

export interface Finding {
  /** What was looked at, in a word or two. */
  check: string
  verdict: 'ok' | 'not ok' | 'warning'
  /** What was seen; no secret, no number. */
  says: string
  /** How to cure it. */
  cure?: string
  /** Permissions that the client's role lacks. */
  permissions?: string[]
}

export const ok = (check: string, says: string): Finding => ({ check, verdict: 'ok', says })
export const bad = (check: string, says: string, cure: string, permissions?: string[]): Finding => ({
  check,
  verdict: 'not ok',
  says,
  cure,
  ...(permissions && { permissions }),
})
export const warning = (check: string, says: string, cure: string): Finding => ({ check, verdict: 'warning', says, cure })

/** Whether calls can be transferred, as far as these findings tell. */
export const healthy = (findings: readonly Finding[]): boolean => findings.every(({ verdict }) => verdict !== 'not ok')

/** One line for each finding, and one for all of them. */
export function told(findings: readonly Finding[]): string {
  const lines = findings.map(
    ({ check, verdict, says, cure }) => `${verdict.padEnd(8)}${check}: ${says}${cure ? ` To cure it: ${cure}` : ''}`,
  )
  const lacking = [...new Set(findings.flatMap(({ permissions = [] }) => permissions))]
  const wrong = findings.filter(({ verdict }) => verdict === 'not ok').length
  const sum = wrong === 0 ? 'Everything that is needed is there.' : `${wrong} of ${findings.length} checks failed.`
  return `${[...lines, lacking.length > 0 ? `${sum} Missing permissions: ${lacking.join(', ')}.` : sum].join('\n')}\n`
}
