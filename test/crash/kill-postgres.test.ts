import { campaigns } from './campaigns.ts'
import { proves } from './proof.ts'

const some = /^(executing committed|command|platform acted|answer read|initiated|successor: (claimed|second))/

proves(
  'given PostgreSQL, when a node dies around its command, then the call is moved once and the transfer comes to its end',
  'postgres',
  (stores) => campaigns.kill(stores, { runs: 1, worlds: 4, point: some }),
)
