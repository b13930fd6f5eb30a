/** Nodes killed during or after their transfer command, on PostgreSQL behind PgBouncer. */
import { campaigns } from './campaigns.ts'
import { testCampaign } from './campaign-test.ts'

const point = /^(command sent, executed late|response read|successor: claimed)/

testCampaign(
  'given PostgreSQL behind PgBouncer, when a node dies during or after its transfer command, then the call is moved once and the transfer becomes final',
  'pgbouncer',
  (storage) => campaigns.kill(storage, { runs: 1, clusters: 3, point }),
)
