/** Which connect URIs of a notification channel are trusted. */
import t from 'tap'
import { isTrustedConnectUri } from '../../../src/genesys/notifications/trust.ts'

const regionApi = 'https://api.mypurecloud.ie'

t.test('given a region, then only its own hosts are trusted, and only encrypted', async (t) => {
  for (const trusted of [
    'wss://streaming.mypurecloud.ie/channels/streaming-3-1',
    'wss://api.mypurecloud.ie:443/x',
    'WSS://Streaming.MyPureCloud.ie/x',
  ]) {
    t.ok(isTrustedConnectUri(trusted, { apiUrl: regionApi, isGateway: false }), trusted)
  }
  const untrusted = [
    'ws://streaming.mypurecloud.ie/x',
    'https://streaming.mypurecloud.ie/x',
    'wss://streaming.mypurecloud.ie:8443/x',
    'wss://mypurecloud.ie/x',
    'wss://evilmypurecloud.ie/x',
    'wss://streaming.mypurecloud.ie.evil.example/x',
    'wss://streaming.mypurecloud.ie@evil.example/x',
    'wss://user:secret@streaming.mypurecloud.ie/x',
    'wss://evil.example/streaming.mypurecloud.ie',
    'wss://evil.example#.mypurecloud.ie',
    'wss://streaming.mypurecloud.ie/x#fragment',
    'wss://streaming.mypurecloud.de/x',
    'wss://127.0.0.1/x',
    'streaming.mypurecloud.ie',
    '',
  ]
  for (const uri of untrusted) t.notOk(isTrustedConnectUri(uri, { apiUrl: regionApi, isGateway: false }), uri)
})

t.test('given a gateway, then only its own host and port are trusted, and unencrypted only if the gateway is', async (t) => {
  const rows: Array<[connectUri: string, gateway: string, isTrusted: boolean]> = [
    ['ws://127.0.0.1:8080/n', 'http://127.0.0.1:8080', true],
    ['wss://gateway.example/n', 'https://gateway.example/genesys', true],
    ['ws://gateway.example/n', 'https://gateway.example', false],
    ['wss://gateway.example/n', 'http://gateway.example', false],
    ['ws://127.0.0.1:8081/n', 'http://127.0.0.1:8080', false],
    ['ws://localhost:8080/n', 'http://127.0.0.1:8080', false],
    ['wss://sub.gateway.example/n', 'https://gateway.example', false],
    ['wss://streaming.mypurecloud.ie/n', 'https://api.mypurecloud.ie', false],
  ]
  for (const [connectUri, gateway, isTrusted] of rows)
    t.equal(isTrustedConnectUri(connectUri, { apiUrl: gateway, isGateway: true }), isTrusted, connectUri)
})
