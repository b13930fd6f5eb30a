/**
 * Notifies the other nodes of queued deliveries and of entries in the audit trail with LISTEN and NOTIFY, on a connection of its own. If a
 * notification is lost, polling finds what it was about.
 */
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'

/** What other nodes are notified of: deliveries that were queued, and changes that were appended to the audit trail. */
export type NotifiedSubject = 'deliveries' | 'changes'
const channels: Readonly<Record<NotifiedSubject, string>> = { deliveries: 'handoff_deliveries', changes: 'handoff_changes' }
const subjects = Object.keys(channels) as NotifiedSubject[]
/** The least time between two notifications, ms. Changes are many, and are handed to readers in batches (transfers/history/change-feed.ts). */
const intervalsMs: Readonly<Record<NotifiedSubject, number>> = { deliveries: 0, changes: 100 }
/** Pause before a lost connection is opened again, ms; doubled after each failure. */
const firstPauseMs = 250
const longestPauseMs = 5_000

export interface Notifications {
  /** Notifies the other nodes: at once, or when there is a connection again. */
  notify(subject: NotifiedSubject): void
  close(): Promise<void>
}

/**
 * Sends at most one notification at a time. All that are requested meanwhile, and for `intervalMs` after that, are sent as one. One that
 * fails is sent again after a pause, and one that is requested without a connection when `sendIfWanted` is called.
 */
function createNotifier(channel: string, intervalMs: number, nodeId: string, currentClient: () => pg.Client | undefined) {
  let isSending = false
  let isWanted = false
  async function send(client: pg.Client): Promise<void> {
    const isSent = await client.query({ name: 'announce', text: 'SELECT pg_notify($1, $2)', values: [channel, nodeId] }).then(
      () => true,
      () => false,
    )
    if (!isSent) isWanted = true
    const pauseMs = isSent ? intervalMs : firstPauseMs
    if (pauseMs > 0) await wait(pauseMs, undefined, { ref: false })
    isSending = false
    sendIfWanted()
  }
  function notify(): void {
    isWanted = true
    sendIfWanted()
  }
  function sendIfWanted(): void {
    const client = currentClient()
    if (!isWanted || isSending || !client) return
    isWanted = false
    isSending = true
    void send(client)
  }
  return { notify, sendIfWanted }
}

/**
 * Listens until it is closed.
 * @param config undefined when a pooler stands before the database and there is no direct address: LISTEN is bound to a session, which a
 * pooler gives to the next client, so nothing is listened to and nothing is sent
 * @param onNotified called for each notification of another node, and whenever a notification may have been missed
 */
export function createNotifications(
  config: pg.ClientConfig | undefined,
  nodeId: string,
  onNotified: (subject: NotifiedSubject) => void,
): Notifications {
  if (!config) return { notify() {}, async close() {} }
  let client: pg.Client | undefined
  let reconnectTimer: NodeJS.Timeout | undefined
  let pauseMs = firstPauseMs
  let isClosed = false

  async function connect(): Promise<void> {
    const candidate = new pg.Client(config)
    let isLost = false
    const onLost = (): void => {
      if (isLost) return
      isLost = true
      if (client === candidate) client = undefined
      candidate.end().catch(() => {})
      if (isClosed) return
      reconnectTimer = setTimeout(() => void connect(), pauseMs).unref()
      pauseMs = Math.min(2 * pauseMs, longestPauseMs)
    }
    candidate.on('error', onLost)
    candidate.on('end', onLost)
    candidate.on('notification', ({ channel, payload }) => {
      const subject = subjects.find((each) => channels[each] === channel)
      if (subject && payload !== nodeId) onNotified(subject)
    })
    try {
      await candidate.connect()
      for (const subject of subjects) await candidate.query(`LISTEN ${channels[subject]}`)
    } catch {
      return onLost()
    }
    if (isClosed) return onLost()
    if (isLost) return
    client = candidate
    pauseMs = firstPauseMs
    for (const subject of subjects) {
      onNotified(subject)
      notifiers[subject].sendIfWanted()
    }
  }

  const createNotifierFor = (subject: NotifiedSubject) => createNotifier(channels[subject], intervalsMs[subject], nodeId, () => client)
  const notifiers = { deliveries: createNotifierFor('deliveries'), changes: createNotifierFor('changes') }
  void connect()
  return {
    notify: (subject) => notifiers[subject].notify(),
    async close() {
      isClosed = true
      clearTimeout(reconnectTimer)
      await client?.end().catch(() => {})
    },
  }
}
