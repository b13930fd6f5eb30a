import type { Clock } from '../clock.ts'
import { GenesysError } from '../http/errors.ts'
import { addTopicsByHalves } from './calls.ts'
import type { NotificationCalls, NotificationChannel, TopicVerdict } from './calls.ts'
import type { NotificationSocket, openNotificationSocket, SocketEars } from './socket.ts'
import { createBackoff } from './backoff.ts'
import type { NotificationTiming } from './timing.ts'

export interface ChannelPorts {
  calls: NotificationCalls
  connect: typeof openNotificationSocket
  clock: Clock
  random: () => number
  timing: NotificationTiming
  mostTopics: number
  /** What the channel is to be subscribed to; read anew each time. */
  topics: ReadonlySet<string>
  ears: Pick<SocketEars, 'event' | 'malformed'>
  judged(verdict: TopicVerdict): void
  /** What is covered may have changed. */
  changed(): void
  /** It does not work for now; told once, until `well`. */
  ailing(error: unknown, waitMs: number): void
  well(): void
}

/** A place for topics that lives through as many channels of the platform as it takes, one at a time. None of its functions throws. */
export interface KeptChannel {
  /** The topics have changed. */
  look(): void
  covers(topic: string): boolean
  state(): { channel: boolean; socket: boolean; reconnects: number }
  close(): void
}

interface Link {
  channel: NotificationChannel
  socket?: NotificationSocket
  permitted: Set<string>
  extendedAt: number
  trimmedAt: number
  /** The platform has announced its end, or does not know the channel any more. */
  leaving: boolean
}

/** After so many failed connections in a row a channel is taken for dead: the WebSocket API does not tell why one failed. */
const CONNECTION_TRIES = 3

/**
 * Keeps one channel open and subscribed (genesys-api §4): two calls to begin with, one when only the connection was lost, one for a
 * change of topics, one every 20 h. One thing at a time; at the pace of `notification-pace.ts`, whatever happens.
 */
export function keepChannel(ports: ChannelPorts): KeptChannel {
  const { calls, clock, timing, topics, mostTopics, ears } = ports
  const pace = createBackoff(ports)
  const stop = new AbortController()
  const fading = new Set<NotificationSocket>()
  let link: Link | undefined
  /** A channel that can be connected to once more, and how often that has failed. */
  let again: { channel: NotificationChannel; failures: number } | undefined
  let [busy, due, opened, ails] = [false, Infinity, 0, false]
  let cancel = () => {}

  const options = () => ({ deadline: Date.now() + timing.callMs, signal: stop.signal })
  const isLive = (one: Link | undefined): boolean => one?.socket?.alive() === true

  const lookIn = (ms: number) => {
    if (stop.signal.aborted) return
    due = Math.min(due, clock.now() + ms)
    if (busy) return
    cancel()
    cancel = clock.after(Math.max(due, pace.notBefore()) - clock.now(), () => void work(), 'background')
  }
  const work = async () => {
    busy = true
    due = Infinity
    try {
      await step()
      pace.well()
      if (ails && link) ports.well()
      ails = ails && !link
    } catch (error) {
      failed(error)
    }
    busy = false
    const next = Math.min(due, nextDuty(link))
    if (next < Infinity) lookIn(next - clock.now())
  }
  const failed = (error: unknown) => {
    if (stop.signal.aborted) return
    if (error instanceof GenesysError && error.reason === 'not_found') forget()
    const wait = pace.stumble(error)
    if (!ails) ports.ailing(error, wait)
    ails = true
    due = clock.now()
  }
  const nextDuty = (one: Link | undefined): number => {
    if (!one) return Infinity
    const renewal = one.extendedAt + timing.renewMs
    return surplusOf(one).length > 0 ? Math.min(renewal, one.trimmedAt + timing.trimMs) : renewal
  }
  const surplusOf = ({ permitted }: Link): string[] => [...permitted].filter((topic) => !topics.has(topic))

  const step = async () => {
    if (topics.size === 0) return link && leave()
    if (!isLive(link) || link?.leaving) await open()
    if (link && !stop.signal.aborted) await subscribe(link)
  }

  const open = async () => {
    if (!isLive(link)) link?.socket?.close()
    again = again && again.failures < CONNECTION_TRIES ? again : undefined
    again ??= { channel: await calls.openNotificationChannel(options()), failures: 0 }
    const mine = again
    const now = clock.now()
    const next: Link = { channel: mine.channel, permitted: new Set(), extendedAt: now, trimmedAt: now, leaving: false }
    mine.failures += 1
    const socket = await ports.connect(
      mine.channel.connectUri,
      { ...ears, closing: () => closing(next), lost: () => lost(next) },
      { clock, timing, signal: stop.signal },
    )
    mine.failures = 0
    next.socket = socket
    try {
      await add(next, [...topics])
      if (!socket.alive() || stop.signal.aborted) throw new Error('the WebSocket of the notification channel was lost at once')
    } catch (error) {
      socket.close()
      throw error
    }
    if (link) fade(link)
    link = next
    opened += 1
    if (next.leaving) closing(next)
    ports.changed()
  }

  /** Brings what the channel is subscribed to in line with `topics`. */
  const subscribe = async (mine: Link) => {
    const now = clock.now()
    const wanted = () => [...topics].filter((topic) => !mine.permitted.has(topic))
    const surplus = surplusOf(mine)
    const full = mine.permitted.size + wanted().length > mostTopics
    const trims = surplus.length > 0 && (full || now - mine.trimmedAt >= timing.trimMs)
    if (trims || now - mine.extendedAt >= timing.renewMs) {
      for (const topic of surplus) mine.permitted.delete(topic)
      await replace(mine)
    }
    const missing = wanted()
    if (missing.length === 0) return
    await add(mine, missing)
    ports.changed()
  }

  const replace = async (mine: Link) => {
    try {
      const verdicts = await calls.replaceNotificationTopics(mine.channel.id, [...mine.permitted], options())
      mine.permitted.clear()
      judge(mine, verdicts)
      mine.trimmedAt = clock.now()
    } catch (error) {
      const passing = error instanceof GenesysError && !['rejected', 'malformed'].includes(error.reason)
      if (passing) throw error
      // What the platform has now is not known: a new channel has exactly what it is given.
      forget()
      lookIn(0)
    }
    ports.changed()
  }

  const add = async (mine: Link, asked: readonly string[]) => judge(mine, await addTopicsByHalves(calls, mine.channel.id, asked, options))

  const judge = (mine: Link, verdicts: readonly TopicVerdict[]) => {
    mine.extendedAt = clock.now()
    pace.called()
    for (const verdict of verdicts) {
      if (verdict.permitted) mine.permitted.add(verdict.topic)
      ports.judged(verdict)
    }
  }

  /** What is on its way on the old connection is still heard for a moment: an event may come twice, but none is lost. */
  const fade = ({ socket }: Link) => {
    if (!socket?.alive()) return socket?.close()
    fading.add(socket)
    clock.after(timing.overlapMs, () => (fading.delete(socket), socket.close()), 'background')
  }
  /** The next one will be another channel; this one is heard until then. */
  const forget = () => {
    again = undefined
    if (link) link.leaving = true
  }
  const leave = () => {
    link?.socket?.close()
    link = again = undefined
    ports.changed()
  }
  const closing = (mine: Link) => {
    mine.leaving = true
    if (mine.channel.id === again?.channel.id) again = undefined
    if (mine !== link) return
    pace.ended()
    lookIn(0)
  }
  const lost = (mine: Link) => {
    if (mine !== link) return
    if (!mine.leaving) pace.stumble()
    ports.changed()
    lookIn(0)
  }

  return {
    look: () => lookIn(0),
    covers: (topic) => !stop.signal.aborted && isLive(link) && link?.permitted.has(topic) === true,
    state: () => ({ channel: link !== undefined, socket: isLive(link), reconnects: Math.max(0, opened - 1) }),
    close() {
      cancel()
      stop.abort()
      link?.socket?.close()
      for (const socket of fading) socket.close()
    },
  }
}
