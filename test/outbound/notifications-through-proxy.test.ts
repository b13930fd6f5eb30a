/** The WebSocket of a notification channel through an outbound proxy. */
import { createServer } from 'node:https'
import t, { type Test } from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { steadyClock } from '../../src/genesys/http/clock.ts'
import { openNotificationSocket } from '../../src/genesys/notifications/socket.ts'
import { defaultTiming } from '../../src/genesys/notifications/timing.ts'
import { createProxySelector } from '../../src/outbound/proxy-selector.ts'
import { listenOnLoopback } from '../genesys/support/raw-server.ts'
import { startConnectProxy, type ConnectProxyOptions } from '../support/outbound/connect-proxy.ts'
import { loopbackCertificate, loopbackKey, trustLoopbackCertificate } from '../support/outbound/loopback-certificate.ts'
import { waitFor } from '../support/wait-for.ts'

trustLoopbackCertificate()

/** A channel over TLS, and a function that connects to it through a proxy. */
async function startChannel(t: Test, options: ConnectProxyOptions) {
  const sockets: WebSocket[] = []
  const server = createServer({ key: loopbackKey, cert: loopbackCertificate })
  new WebSocketServer({ server }).on('connection', (socket) => sockets.push(socket))
  const port = await listenOnLoopback(server)
  t.teardown(() => server.close())
  const proxy = await startConnectProxy(t, { hosts: { 'gateway.test': '127.0.0.1' }, ...options })
  const topics: string[] = []
  const connect = () =>
    openNotificationSocket(
      `wss://gateway.test:${port}/channels/1`,
      { onEvent: (topic) => topics.push(topic), onMalformed() {}, onClosing() {}, onLost() {} },
      {
        selectProxy: createProxySelector({ HTTPS_PROXY: proxy.url }),
        clock: steadyClock,
        timing: defaultTiming,
        signal: new AbortController().signal,
      },
    )
  return { authority: `gateway.test:${port}`, proxy, sockets, topics, connect }
}

t.test('given a channel over TLS, then its events arrive through the proxy, and closing the channel ends the connection', async (t) => {
  const { authority, proxy, sockets, topics, connect } = await startChannel(t, { credentials: 'user:secret' })
  const socket = await connect()
  t.same(proxy.authorities, [authority])
  sockets[0]?.send(JSON.stringify({ topicName: 'v2.users.1', eventBody: {} }))
  await waitFor(() => topics.length === 1, 'the event')
  t.ok(socket.isAlive())
  socket.close()
  await waitFor(() => sockets[0]?.readyState === WebSocket.CLOSED, 'the end of the connection')
})

t.test('given a proxy that refuses, then the channel cannot be opened, and the server gets no connection', async (t) => {
  const { sockets, connect } = await startChannel(t, { answer: () => 403 })
  await t.rejects(connect(), /could not be opened/)
  t.equal(sockets.length, 0)
})
