/** When a connection is opened to the same channel again, and when to a new one. */
import t from 'tap'
import { createChannelOpener } from '../../../src/genesys/notifications/channel-opener.ts'
import { defaultTiming } from '../../../src/genesys/notifications/timing.ts'
import { createDrivenClock } from '../support/driven-clock.ts'

function createTestOpener({ canConnect = true } = {}) {
  let channels = 0
  const opener = createChannelOpener({
    calls: { openNotificationChannel: async () => ({ id: `channel-${(channels += 1)}`, connectUri: 'wss://streaming.example/' }) },
    connect: async () => {
      if (!canConnect) throw new Error('the connection failed')
      return { isAlive: () => true, close: () => {} }
    },
    createCallOptions: () => ({ deadline: Infinity }),
    clock: createDrivenClock(),
    timing: defaultTiming,
    signal: new AbortController().signal,
  })
  const handlers = { onEvent() {}, onMalformed() {}, onClosing() {}, onLost() {} }
  /** Opens a connection and returns the id of its channel, or fails. */
  const open = async () => {
    const candidate = await opener.nextCandidate()
    await opener.connect(candidate, handlers).catch(() => {})
    return candidate.channel.id
  }
  return { opener, open }
}

t.test('given a connection that was lost, then the next one is to the same channel', async (t) => {
  const { open } = createTestOpener()
  t.strictSame([await open(), await open()], ['channel-1', 'channel-1'])
})

t.test('given three connections in a row that fail, then the next one is to a new channel', async (t) => {
  const { open } = createTestOpener({ canConnect: false })
  t.strictSame([await open(), await open(), await open(), await open()], ['channel-1', 'channel-1', 'channel-1', 'channel-2'])
})

t.test('given a channel that is forgotten, then the next connection is to a new one', async (t) => {
  const { opener, open } = createTestOpener()
  await open()
  opener.forget('channel-0')
  t.equal(await open(), 'channel-1', 'another channel was forgotten')
  opener.forget('channel-1')
  t.equal(await open(), 'channel-2')
  opener.forget()
  t.equal(await open(), 'channel-3')
})
