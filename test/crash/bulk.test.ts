/** A node that dies in the middle of a bulk transfer, on SQLite. */
import { campaigns } from './campaigns.ts'
import { testCampaign } from './campaign-test.ts'

testCampaign(
  'given SQLite, when the node dies while it moves the calls of a queue, then none is moved twice, none is forgotten, and the order is kept',
  'sqlite',
  (storage) => campaigns.bulk(storage, { runs: 1, clusters: 1 }),
)
