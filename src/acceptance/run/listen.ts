/** Opens a notification channel for the call's queues, and records the events about the call. Other calls are not recorded. */
import { openNotificationSocket } from '../../genesys/notifications/socket.ts'
import { steadyClock } from '../../genesys/http/clock.ts'
import { defaultTiming } from '../../genesys/notifications/timing.ts'
import { isTrustedConnectUri } from '../../genesys/notifications/trust.ts'
import { asObject } from '../../model/json-fields.ts'
import type { RunContext } from './run-context.ts'

/**
 * Subscribes to the calls of the queues. That this does not work is an answer, and does not end the run.
 * @param onEvent is called for each event about the call
 * @returns a function that closes the connection
 * @throws RunStopped when the platform fails
 */
export async function listen(context: RunContext, onEvent: (body: unknown) => void): Promise<() => void> {
  const { recorder, redactor, settings, options, signal } = context
  recorder.step = 'listen'
  const notListening = (why: string) => {
    recorder.add({ kind: 'skip', why })
    return () => {}
  }
  const channel = await recorder.read('POST', '/notifications/channels')
  const { id, connectUri } = channel.body
  if (channel.status !== 200 || typeof id !== 'string') return notListening(`no channel could be opened (${channel.status})`)
  if (typeof connectUri !== 'string' || !isTrustedConnectUri(connectUri, settings))
    return notListening("the channel's address is not one of the platform")

  const handlers = {
    onEvent(topic: string, body: unknown) {
      if (asObject(body)?.['id'] !== options.conversationId) return
      recorder.add({ kind: 'event', topic: String(redactor.value(topic)), body: redactor.value(body) })
      onEvent(body)
    },
    onMalformed() {},
    onClosing() {},
    onLost: () => recorder.add({ kind: 'skip', why: 'the connection of the channel was lost' }),
  }
  const { selectProxy } = settings
  const socketOptions = { selectProxy, clock: steadyClock, timing: defaultTiming, signal }
  const socket = await openNotificationSocket(connectUri, handlers, socketOptions).catch(() => undefined)
  if (socket === undefined) return notListening('the WebSocket of the channel could not be opened')
  const topics = [options.queueId, options.secondQueueId].flatMap((queueId) =>
    queueId === undefined ? [] : [{ id: `v2.routing.queues.${queueId}.conversations.calls` }],
  )
  // Subscribing again changes nothing, so this may be repeated like a read.
  await recorder.read('POST', `/notifications/channels/${encodeURIComponent(id)}/subscriptions?ignoreErrors=true`, topics)
  return () => socket.close()
}
