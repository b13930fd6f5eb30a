/** Identical requests at the same moment on two nodes. */
import { campaigns } from './campaigns.ts'
import { testCampaign } from './campaign-test.ts'

testCampaign(
  'given two nodes, when a hundred identical requests arrive at once, then the call is moved once and the responses agree',
  'postgres',
  (storage) => campaigns.keys(storage, { runs: 1, clusters: 1 }),
)
