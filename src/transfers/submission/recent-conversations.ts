/** Remembers the conversations that this node has transferred recently: a request about one of them is probably a repeat. */

export interface RecentConversations {
  /** Remembers a conversation. Beyond the capacity, the one that was added longest ago is forgotten. */
  add(conversationId: string): void
  has(conversationId: string): boolean
}

/** @param capacity how many are remembered */
export function createRecentConversations(capacity: number): RecentConversations {
  /** A set keeps the order of insertion, so the first one is the oldest. */
  const ids = new Set<string>()
  return {
    add(conversationId) {
      ids.delete(conversationId)
      ids.add(conversationId)
      const [oldest] = ids
      if (oldest !== undefined && ids.size > capacity) ids.delete(oldest)
    },
    has: (conversationId) => ids.has(conversationId),
  }
}
