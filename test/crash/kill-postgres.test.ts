/** Nodes killed before, during or after their transfer command, on PostgreSQL. */
import { campaigns } from './campaigns.ts'
import { testCampaign } from './campaign-test.ts'

const point =
  /^(executing committed|command|response read|initiated|successor: (claimed|second)|later hop: (response read|successor: claimed))/

testCampaign(
  'given PostgreSQL, when a node dies before, during or after its transfer command, then the call is moved once and the transfer becomes final',
  'postgres',
  (storage) => campaigns.kill(storage, { runs: 1, clusters: 4, point }),
)
