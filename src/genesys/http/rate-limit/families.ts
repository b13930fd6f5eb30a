/** Which operations the platform limits together: a limit that is not a token's applies to one family of them, for the whole organization. */

/**
 * Reads and commands are never in one family, so that a command does not wait for a throttled read. The assignment service limits
 * the routes of `queue` and `routing` (docs/genesys-cloud.md rule 67); that the other operations form these families is an assumption.
 */
const operationsByFamily = {
  /** The commands that move a call. */
  transfer: ['replaceWithQueue', 'replaceWithAgent', 'transferToNumber'],
  callback: ['createCallback'],
  /** Skills, priority and preferred agents of a waiting call. */
  routing: ['setRouting'],
  attributes: ['setAttributes'],
  conversation: ['getConversation'],
  /** Queues, their members and their estimated waits. */
  queue: ['getRoutingQueue', 'getRoutingQueueMembers', 'getRoutingQueueMediatypeEstimatedwaittime'],
  /** Which calls wait in a queue. */
  analytics: ['postAnalyticsQueuesObservationsQuery'],
  skill: ['getRoutingSkill'],
  user: ['getUser'],
  notification: ['openNotificationChannel', 'addNotificationTopics', 'replaceNotificationTopics'],
  other: [],
} as const satisfies Record<string, readonly string[]>

export type Family = keyof typeof operationsByFamily
export const families = Object.keys(operationsByFamily) as Family[]

const familyByOperation = new Map<string, Family>(
  families.flatMap((family) => operationsByFamily[family].map((operation): [string, Family] => [operation, family])),
)

/** The family of an operation; `other` for one that is not listed. */
export const familyOf = (operation: string): Family => familyByOperation.get(operation) ?? 'other'
