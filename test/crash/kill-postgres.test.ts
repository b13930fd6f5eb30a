/** Nodes killed around their transfer command, on PostgreSQL. */
import { campaigns } from './campaigns.ts'
import { testCampaign } from './campaign-test.ts'

const point = /^(executing committed|command|response read|initiated|successor: (claimed|second))/

testCampaign(
  'given PostgreSQL, when a node dies around its command, then the call is moved once and the transfer becomes final',
  'postgres',
  (storage) => campaigns.kill(storage, { runs: 1, clusters: 4, point }),
)
