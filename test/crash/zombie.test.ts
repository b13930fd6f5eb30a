/** Nodes that are stopped at the most important points until another node has taken over, on PostgreSQL. `npm run crash-test` covers all points. */
import { campaigns } from './campaigns.ts'
import { testCampaign } from './campaign-test.ts'

testCampaign(
  'given a node that is stopped until another has taken over its work, when it wakes up, then it does nothing a second time',
  'postgres',
  (storage) => campaigns.zombie(storage, { runs: 1, clusters: 4, point: /executing|about to be sent|response read|webhook sent/ }),
)
