/** Which settings lead to which addresses of the platform. */
import t from 'tap'
import { regionHosts, resolveEndpoints } from '../../../src/genesys/auth/regions.ts'
import { connectGenesys } from '../../../src/genesys/client.ts'
import { clientId, clientSecret } from '../support/connect.ts'

t.test("given the SDK's own list of regions, then ours is the same", async (t) => {
  const path = 'purecloud-platform-client-v2/src/purecloud-platform-client-v2/PureCloudRegionHosts.js'
  const { default: hostsOfSdk } = (await import(path)) as { default: Record<string, string> }
  t.same(regionHosts, hostsOfSdk)
})

t.test('given a region in any of its spellings, then login and API are its hosts', async (t) => {
  for (const spelling of [
    'mypurecloud.ie',
    'https://api.mypurecloud.ie/',
    'login.mypurecloud.ie',
    'eu-west-1',
    'eu_west_1',
    ' MyPureCloud.ie ',
  ]) {
    t.same(
      resolveEndpoints(spelling),
      { loginUrl: 'https://login.mypurecloud.ie/oauth/token', apiUrl: 'https://api.mypurecloud.ie' },
      spelling,
    )
  }
  t.same(resolveEndpoints('usw2.pure.cloud').apiUrl, 'https://api.usw2.pure.cloud')
})

t.test('given a host that is no region, or a gateway that is no plain URL, then the error names the setting', async (t) => {
  for (const host of [
    '',
    'evil.example',
    'mypurecloud.com.evil.example',
    'mypurecloud.com@evil.example',
    'evil.example/mypurecloud.com',
    'constructor',
  ]) {
    t.throws(() => resolveEndpoints(host), /GENESYS_ENV/, host)
  }
  for (const url of ['nonsense', 'ftp://x', 'http://user:pw@x', 'http://x/?a=b', 'http://x/#f', 'file:///etc/passwd']) {
    t.throws(() => resolveEndpoints('mypurecloud.com', url), /GENESYS_GATEWAY_URL/, url)
  }
  await t.rejects(
    connectGenesys({ clientId, clientSecret, environment: 'evil.example', requestsPerMinute: 300, tokenPoolSize: 1 }),
    /GENESYS_ENV/,
  )
})
