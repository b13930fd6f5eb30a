/** Which bulk transfers a key that is limited to queues may see, as a condition in SQL. The rule itself is `canSeeBulk` in auth/restriction.ts. */
import type { Dialect } from '../../engine/engine.ts'

/** A condition on a row of the table of bulk transfers. Its parameter is `:viewer`, with the value of `viewerValue`. */
export function visibleBulkCondition({ json, jsonElementsOf }: Pick<Dialect, 'json' | 'jsonElementsOf'>): string {
  const [record, viewer] = [json('record'), json(':viewer')]
  const allowed = jsonElementsOf(`${viewer} -> 'queues'`)
  const isOwn = `${record} ->> 'requestedBy' = ${viewer} ->> 'id'`
  const comesFromAllowed = `${record} ->> 'fromQueueId' IN (${allowed})`
  const namesOnlyAllowed = `NOT EXISTS (${jsonElementsOf(`${record} -> 'queueIds'`)} WHERE value NOT IN (${allowed}))`
  return `(${isOwn} OR (${comesFromAllowed} AND ${namesOnlyAllowed}))`
}
