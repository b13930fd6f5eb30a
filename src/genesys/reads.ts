/** The operations that read conversations, skills, queues and users, with the parameters of each. */
import type { CallOptions } from './http/call-options.ts'
import { callAndParse } from './http/operation.ts'
import { parseIdleMembers, parseQueue, parseSkill, parseUser, type IdleMember, type Queue, type Skill, type User } from './responses.ts'
import type { Sdk } from './sdk.ts'

/** Every call throws GenesysError only. */
export interface PlatformReads {
  /** The conversation as the platform describes it; `src/conversations` parses it. */
  conversation(conversationId: string, options: CallOptions): Promise<unknown>
  skill(skillId: string, options: CallOptions): Promise<Skill>
  queue(queueId: string, options: CallOptions): Promise<Queue>
  user(userId: string, options: CallOptions): Promise<User>
  /** The joined members of a queue who are idle and neither offline nor away, out of its first 500 idle members. */
  idleMembers(queueId: string, options: CallOptions): Promise<IdleMember[]>
}

const pageSize = 100
const maximumPages = 5

export function createReads({ conversations, routing, users }: Sdk): PlatformReads {
  return {
    conversation: (id, options) =>
      callAndParse(
        'getConversation',
        id,
        options,
        () => conversations.getConversation(id),
        (value) => value,
      ),
    skill: (id, options) => callAndParse('getRoutingSkill', id, options, () => routing.getRoutingSkill(id), parseSkill),
    queue: (id, options) => callAndParse('getRoutingQueue', id, options, () => routing.getRoutingQueue(id), parseQueue),
    user: (id, options) =>
      callAndParse('getUser', id, options, () => users.getUser(id, { expand: ['routingStatus', 'presence'] }), parseUser),
    async idleMembers(id, options) {
      const found: IdleMember[] = []
      for (let pageNumber = 1; pageNumber <= maximumPages; pageNumber++) {
        // One call for each page, with skills, status and presence (docs/genesys-cloud.md rule 47).
        const query = {
          joined: true,
          routingStatus: ['IDLE'],
          expand: ['skills', 'routingStatus', 'presence'],
          pageSize,
          pageNumber,
        }
        const { members, hasMore } = await callAndParse(
          'getRoutingQueueMembers',
          id,
          options,
          () => routing.getRoutingQueueMembers(id, query),
          (value) => parseIdleMembers(value, pageSize),
        )
        found.push(...members)
        if (!hasMore) break
      }
      return found
    },
  }
}
