/** Which commits a PostgreSQL server acknowledges before they are safe, by its settings (docs/production.md#postgresql-that-fails-over). */
import { connectForMaintenance, createClientConfig, toStoreUnavailable } from './connections.ts'

export interface CommitSettings {
  /** `synchronous_commit`, as it applies to the sessions of DATABASE_URL: the role and the database may have values of their own. */
  synchronousCommit: string
  /** `synchronous_standby_names`; empty: no commit waits for a standby. */
  synchronousStandbyNames: string
  /** Standbys that are connected at this moment. */
  standbys: number
  /** Whether what is committed is written to the disk at all. */
  hasFsync: boolean
  /** Whether the server reports a cancelled wait for a standby, which it does as a warning. */
  sendsWarnings: boolean
}

/** Reads the settings. @throws StoreUnavailable; Error that names DATABASE_URL when `url` cannot be parsed */
export async function readCommitSettings(url: string): Promise<CommitSettings> {
  const config = createClientConfig(url)
  try {
    const { client } = await connectForMaintenance(config)
    try {
      const { rows } = await client.query<CommitSettings>(`
        SELECT current_setting('synchronous_commit') AS "synchronousCommit",
          current_setting('synchronous_standby_names') AS "synchronousStandbyNames",
          (SELECT count(*)::integer FROM pg_stat_replication) AS standbys,
          current_setting('fsync') = 'on' AS "hasFsync",
          current_setting('client_min_messages') NOT IN ('error', 'fatal', 'panic') AS "sendsWarnings"`)
      return rows[0] as CommitSettings
    } finally {
      await client.end().catch(() => {})
    }
  } catch (error) {
    throw toStoreUnavailable(error)
  }
}

/** A reason why a commit that was acknowledged may be lost, and what to do about it. */
export interface DurabilityProblem {
  message: string
  remedy: string
}

/** What these settings put at risk, the worst first; undefined if nothing. */
export function findDurabilityProblem(settings: CommitSettings): DurabilityProblem | undefined {
  const { synchronousCommit, synchronousStandbyNames, standbys, hasFsync, sendsWarnings } = settings
  const hasSynchronousStandby = synchronousStandbyNames !== ''
  if (!hasFsync)
    return {
      message: 'fsync is off: a crash of the machine loses commits, and may damage the database.',
      remedy: 'set fsync = on.',
    }
  if (synchronousCommit === 'off')
    return {
      message: 'synchronous_commit is off: a crash loses commits that Handoff has acted on, and a call may move twice.',
      remedy: 'set synchronous_commit = on for the role or the database of DATABASE_URL.',
    }
  if (synchronousCommit === 'local' && hasSynchronousStandby)
    return {
      message: 'synchronous_commit is local: commits do not wait for the synchronous standby, and a failover loses the last ones.',
      remedy: 'set synchronous_commit = on for the role or the database of DATABASE_URL.',
    }
  if (standbys > 0 && !hasSynchronousStandby)
    return {
      message: `${standbys} connected ${standbys === 1 ? 'standby receives' : 'standbys receive'} commits later: a failover loses the last ones, and a call may move twice.`,
      remedy: 'name the standbys in synchronous_standby_names, unless they are never promoted.',
    }
  if (hasSynchronousStandby && !sendsWarnings)
    return {
      message: 'client_min_messages hides warnings: Handoff does not notice that a wait for the synchronous standby was cancelled.',
      remedy: 'set client_min_messages = notice for the role of DATABASE_URL.',
    }
  return undefined
}
