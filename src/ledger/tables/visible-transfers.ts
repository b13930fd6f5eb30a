/** Which transfers a key that is limited to queues may see, as a condition in SQL. The rule itself is `canSee` in auth/restriction.ts. */
import type { LimitedKey } from '../contract/api-keys.ts'
import type { Dialect } from '../engine/engine.ts'

/**
 * A condition on a row of the table of transfers. Its parameter is `:viewer`, with the value of `viewerValue`.
 * Records of earlier versions do not name their queues, and are visible to their requester only.
 */
export function visibleCondition({ json, jsonElementsOf }: Pick<Dialect, 'json' | 'jsonElementsOf'>): string {
  const [record, viewer] = [json('record'), json(':viewer')]
  const allowed = jsonElementsOf(`${viewer} -> 'queues'`)
  const isOwn = `${record} ->> 'requestedBy' = ${viewer} ->> 'id'`
  const namesQueues = `${record} ->> 'queueIds' IS NOT NULL`
  const namesOnlyAllowed = `NOT EXISTS (${jsonElementsOf(`${record} -> 'queueIds'`)} WHERE value NOT IN (${allowed}))`
  const isAtAllowed = `(${record} ->> 'resolvedTarget' IS NULL OR ${record} -> 'resolvedTarget' ->> 'queueId' IN (${allowed}))`
  return `(${isOwn} OR (${namesQueues} AND ${namesOnlyAllowed} AND ${isAtAllowed}))`
}

/** The key as the parameter `:viewer`; undefined for no condition. */
export const viewerValue = (key: LimitedKey | undefined): string | undefined => key && JSON.stringify(key)
