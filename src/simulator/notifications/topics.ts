/** One kind of topic, as `GET /notifications/availabletopics` describes it. */
export interface TopicKind {
  /** The name with `{id}` in the place of the queue's, user's or conversation's id. */
  readonly template: string
  readonly description: string
  /** All of them are needed [INF: the platform publishes them only at run time, genesys-api §4]. */
  readonly permissions: readonly string[]
  /** The REST resource whose changes the topic tells of. */
  readonly resource?: string
}

export const QUEUE_CALLS = 'v2.routing.queues.{id}.conversations.calls'
export const USER_CALLS = 'v2.users.{id}.conversations.calls'
export type DetailMoment = 'acd.start' | 'acd.end' | 'user.start' | 'user.end' | 'customer.end'

export function detailTopic(moment: DetailMoment): string {
  return `v2.detail.events.conversation.{id}.${moment}`
}

const CALL_RESOURCE = '/api/v2/conversations/calls/{conversationId}'
const ofCalls = { permissions: ['conversation:communication:view'], resource: CALL_RESOURCE }
const ofDetails = { permissions: ['analytics:conversationDetail:view'] }

/** The topics that this platform knows; every other name is `notification.invalid.topic`. */
const TOPIC_KINDS: readonly TopicKind[] = [
  { template: QUEUE_CALLS, description: 'Calls that are or were in a queue.', ...ofCalls },
  { template: USER_CALLS, description: 'Calls that a user takes or took part in.', ...ofCalls },
  { template: detailTopic('acd.start'), description: 'A conversation began to wait in a queue.', ...ofDetails },
  { template: detailTopic('acd.end'), description: 'A conversation left a queue.', ...ofDetails },
  { template: detailTopic('user.start'), description: 'A user was offered or joined a conversation.', ...ofDetails },
  { template: detailTopic('user.end'), description: 'A user left a conversation, or an offer ended.', ...ofDetails },
  { template: detailTopic('customer.end'), description: 'The customer left a conversation.', ...ofDetails },
]

const KINDS_BY_PATTERN = TOPIC_KINDS.map((kind) => ({ kind, pattern: patternOf(kind.template.replace('{id}', '*'), '[^.]+') }))

function patternOf(text: string, star: string): RegExp {
  const literal = text.split('*').map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`))
  return new RegExp(`^${literal.join(star)}$`)
}

/** The kind that a full topic name, such as `v2.users.7.conversations.calls`, belongs to; none for a name that is not valid. */
export function kindOfTopic(name: string): TopicKind | undefined {
  return KINDS_BY_PATTERN.find(({ pattern }) => pattern.test(name))?.kind
}

/** Whether a name fits a pattern in which `*` stands for any characters. */
export function fitsPattern(name: string, pattern: string): boolean {
  return patternOf(pattern, '.*').test(name)
}

/** Every topic as an AvailableTopic; only its id unless more is asked for by `expand`. */
export function availableTopicsView(expand: ReadonlySet<string>): unknown[] {
  return TOPIC_KINDS.map(({ template, description, permissions, resource }) => {
    const fields: Record<string, Record<string, unknown>> = {
      description: { description },
      enforced: { enforced: true },
      visibility: { visibility: 'Public' },
      transports: { transports: ['All', 'Websocket', 'EventBridge', 'ProcessAutomation'] },
      publicApiTemplateUriPaths: { publicApiTemplateUriPaths: resource === undefined ? [] : [resource] },
      requiresPermissions: {
        requiresPermissions: permissions,
        requiresDivisionPermissions: false,
        requiresAnyValidator: false,
        requiresCurrentUser: false,
        requiresCurrentUserOrPermission: template === USER_CALLS,
      },
      permissionDetails: { permissionDetails: [{ type: 'requiresPermissions', permissions, allowsCurrentUser: false, enforced: true }] },
      topicParameters: { topicParameters: ['id'] },
    }
    return Object.assign({ id: template }, ...[...expand].map((field) => fields[field]))
  })
}
