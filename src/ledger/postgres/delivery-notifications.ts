/** LISTEN and NOTIFY on a connection of its own: nodes wake each other when a delivery was queued. What is missed, polling finds. */
import pg from 'pg'

const channel = 'handoff_deliveries'
/** Between attempts to listen again, ms: doubled each time. */
const firstPauseMs = 250
const longestPauseMs = 5_000

export interface Announcements {
  announce(): void
  close(): Promise<void>
}

/** Listens from now until closed, and calls `heard` for what other nodes announce, and whenever something may have been missed. */
export function announcements(config: pg.ClientConfig, node: string, heard: () => void): Announcements {
  let client: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined
  let pause = firstPauseMs
  let closed = false
  let sending = false
  let again = false

  async function listen(): Promise<void> {
    const fresh = new pg.Client(config)
    let lost = false
    const lose = (): void => {
      if (lost) return
      lost = true
      if (client === fresh) client = undefined
      fresh.end().catch(() => {})
      if (closed) return
      timer = setTimeout(() => void listen(), pause).unref()
      pause = Math.min(2 * pause, longestPauseMs)
    }
    fresh.on('error', lose)
    fresh.on('end', lose)
    fresh.on('notification', ({ payload }) => {
      if (payload !== node) heard()
    })
    try {
      await fresh.connect()
      await fresh.query(`LISTEN ${channel}`)
    } catch {
      return lose()
    }
    if (closed) return lose()
    if (lost) return
    client = fresh
    pause = firstPauseMs
    heard()
  }

  /** Once more, when more was queued while the last one was on its way. */
  function announce(): void {
    if (sending) again = true
    if (sending || !client) return
    sending = true
    client
      .query({ name: 'announce', text: 'SELECT pg_notify($1, $2)', values: [channel, node] })
      .catch(() => {})
      .finally(() => {
        sending = false
        if (again) {
          again = false
          announce()
        }
      })
  }

  void listen()
  return {
    announce,
    async close() {
      closed = true
      clearTimeout(timer)
      await client?.end().catch(() => {})
    },
  }
}
