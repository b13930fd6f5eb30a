/** Notifies the other nodes of queued deliveries with LISTEN and NOTIFY, on a connection of its own. If a notification is lost, polling finds the delivery. */
import pg from 'pg'

const channel = 'handoff_deliveries'
/** Pause before a lost connection is opened again, ms; doubled after each failure. */
const firstPauseMs = 250
const longestPauseMs = 5_000

export interface DeliveryNotifications {
  /** Notifies the other nodes; nothing happens while there is no connection. */
  notify(): void
  close(): Promise<void>
}

/** Sends at most one notification at a time. All that are requested meanwhile are sent as one. */
function createNotifier(nodeId: string, currentClient: () => pg.Client | undefined) {
  let isSending = false
  let shouldSendAgain = false
  return function notify(): void {
    const client = currentClient()
    if (isSending) shouldSendAgain = true
    if (isSending || !client) return
    isSending = true
    client
      .query({ name: 'announce', text: 'SELECT pg_notify($1, $2)', values: [channel, nodeId] })
      .catch(() => {})
      .finally(() => {
        isSending = false
        if (!shouldSendAgain) return
        shouldSendAgain = false
        notify()
      })
  }
}

/**
 * Listens until it is closed.
 * @param config undefined when a pooler stands before the database and there is no direct address: LISTEN is bound to a session, which a
 * pooler gives to the next client, so nothing is listened to and nothing is sent
 * @param onNotified called for each notification of another node, and whenever a notification may have been missed
 */
export function createDeliveryNotifications(
  config: pg.ClientConfig | undefined,
  nodeId: string,
  onNotified: () => void,
): DeliveryNotifications {
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
    candidate.on('notification', ({ payload }) => {
      if (payload !== nodeId) onNotified()
    })
    try {
      await candidate.connect()
      await candidate.query(`LISTEN ${channel}`)
    } catch {
      return onLost()
    }
    if (isClosed) return onLost()
    if (isLost) return
    client = candidate
    pauseMs = firstPauseMs
    onNotified()
  }

  void connect()
  return {
    notify: createNotifier(nodeId, () => client),
    async close() {
      isClosed = true
      clearTimeout(reconnectTimer)
      await client?.end().catch(() => {})
    },
  }
}
