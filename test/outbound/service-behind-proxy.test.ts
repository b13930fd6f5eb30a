/** The whole service behind an outbound proxy: login, calls, notifications and webhooks go through it. */
import t, { type Test } from 'tap'
import { setUpIvrCall } from '../support/calls.ts'
import { startConnectProxy, type ConnectProxyOptions } from '../support/outbound/connect-proxy.ts'
import { startService } from '../support/service.ts'
import { testSettings } from '../support/settings.ts'
import { startPlatformAndCrm } from '../support/test-system.ts'
import { waitFor } from '../support/wait-for.ts'

/** A service whose platform is at a name that only the proxy can resolve. */
async function startBehindProxy(t: Test, proxyOptions: ConnectProxyOptions, settings: Record<string, string> = {}) {
  const { simulator, crm } = await startPlatformAndCrm(t)
  const proxy = await startConnectProxy(t, { hosts: { 'gateway.test': '127.0.0.1' }, ...proxyOptions })
  const gatewayUrl = simulator.url.replace('127.0.0.1', 'gateway.test')
  const service = await startService(t, { ...testSettings(gatewayUrl, crm.url), http_proxy: proxy.url.href, ...settings })
  return { simulator, crm, proxy, service, gateway: new URL(gatewayUrl).host, receiver: new URL(crm.url).host }
}

t.test('given a proxy with credentials, when a call is transferred, then platform, events and webhooks all go through it', async (t) => {
  // Polls are so rare that only an event can show the pickup.
  const rarePolls = { PICKUP_POLL_INTERVAL_MS: '60000' }
  const { simulator, crm, proxy, service, gateway, receiver } = await startBehindProxy(
    t,
    { credentials: 'handoff:proxy-s3cret' },
    rarePolls,
  )
  const { conversationId, queueId, userId } = setUpIvrCall(simulator.control)
  // The agent takes calls only once the service is subscribed, however long that takes: an earlier pickup would cause no event.
  simulator.control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
  const { status, body } = await service.postTransfer({ conversationId, target: { type: 'queue', queueId } })
  t.equal(status, 202)
  await waitFor(() => simulator.control.notifications.channels().some(({ topics }) => topics.length > 0), 'the subscription')
  simulator.control.setAgent(userId, { routingStatus: 'IDLE' })
  await service.waitForState(body.id, 'picked_up')
  await waitFor(() => crm.eventTypesFor(body.id).length === 2, 'the webhooks')
  t.same(crm.eventTypesFor(body.id), ['transfer.initiated', 'transfer.picked_up'])
  t.same(new Set(proxy.authorities), new Set([gateway, receiver]))
  t.notMatch(JSON.stringify(service.logLines), /proxy-s3cret/)
})

t.test('given NO_PROXY for the receiver, then webhooks go to it directly', async (t) => {
  const { simulator, crm, proxy, service, gateway } = await startBehindProxy(t, {}, { no_proxy: 'localhost,127.0.0.0/8' })
  const { conversationId, queueId } = setUpIvrCall(simulator.control)
  const { body } = await service.postTransfer({ conversationId, target: { type: 'queue', queueId } })
  await waitFor(() => crm.eventTypesFor(body.id).length > 0, 'the first webhook')
  t.same(new Set(proxy.authorities), new Set([gateway]))
})

t.test('given a proxy that refuses, when a transfer is requested, then the response is 503 GENESYS_UNAVAILABLE', async (t) => {
  const { simulator, service } = await startBehindProxy(t, { answer: () => 403 })
  const { conversationId, queueId } = setUpIvrCall(simulator.control)
  const { status, body } = await service.postTransfer({ conversationId, target: { type: 'queue', queueId } })
  t.match({ status, code: body.code, retryable: body.retryable }, { status: 503, code: 'GENESYS_UNAVAILABLE', retryable: true })
})
