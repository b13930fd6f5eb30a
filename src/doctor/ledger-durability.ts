/** Whether PostgreSQL keeps what it has acknowledged, also in a failover (docs/production.md#postgresql-that-fails-over). */
import type { Environment } from '../environment.ts'
import { createPass, createWarning, type CheckResult } from './check-result.ts'

/** @returns one result; none on SQLite, or if the database cannot be reached, which the check of the ledger reports */
export async function checkDurability({ DATABASE_URL }: Pick<Environment, 'DATABASE_URL'>): Promise<CheckResult[]> {
  if (!DATABASE_URL.startsWith('postgres')) return []
  const { findDurabilityProblem, readCommitSettings } = await import('../ledger/postgres/commit-durability.ts')
  const settings = await readCommitSettings(DATABASE_URL).catch(() => undefined)
  if (!settings) return []
  const problem = findDurabilityProblem(settings)
  if (problem) return [createWarning('durability', problem.message, problem.remedy)]
  const { synchronousCommit, synchronousStandbyNames } = settings
  return [
    createPass(
      'durability',
      synchronousStandbyNames
        ? `commits wait for a standby (synchronous_commit ${synchronousCommit}).`
        : 'commits are on the disk of the database, and PostgreSQL has no standby.',
    ),
  ]
}
