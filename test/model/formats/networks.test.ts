/** How networks are parsed. */
import t from 'tap'
import { parseNetworks } from '../../../src/model/formats/networks.ts'

t.test('given a list of networks, when it is parsed, then it has every network, and a malformed entry is named', async (t) => {
  t.same(parseNetworks('  '), [])
  t.same(parseNetworks('10.0.0.0/8, ::1'), [
    { address: '10.0.0.0', prefix: 8, family: 'ipv4' },
    { address: '::1', prefix: 128, family: 'ipv6' },
  ])
  for (const entry of [
    '10.0.0.0/33',
    'fd00::/129',
    '10.0.0/8',
    'localhost',
    '10.0.0.0/',
    '10.0.0.0/x',
    '10.0.0.0/-1',
    'fe80::%lo/10',
    '010.0.0.1',
    '*',
    '::ffff:10.0.0.0/104',
  ]) {
    t.throws(() => parseNetworks(`127.0.0.1,${entry}`), { message: `"${entry}"` }, entry)
  }
  t.throws(() => parseNetworks('10.0.0.0/8,,::1'), /"" is not a network/)
})
