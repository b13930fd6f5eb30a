import { campaigns } from './campaigns.ts'
import { proves } from './proof.ts'

proves(
  'given two nodes, when a hundred identical requests arrive at once, then the call is moved once and they agree',
  'postgres',
  (stores) => campaigns.keys(stores, { runs: 1, worlds: 1 }),
)
