/** A node that dies in the middle of a bulk transfer, on PostgreSQL with two nodes. */
import { campaigns } from './campaigns.ts'
import { testCampaign } from './campaign-test.ts'

testCampaign(
  'given two nodes, when one dies while it moves the calls of a queue, then none is moved twice, none is forgotten, and the order is kept',
  'postgres',
  (storage) => campaigns.bulk(storage, { runs: 1, clusters: 1 }),
)
