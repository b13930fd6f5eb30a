import { campaigns } from './campaigns.ts'
import { proves } from './proof.ts'

proves(
  'given SQLite, when a node dies at any named point, then the call is moved once and the transfer comes to its end',
  'sqlite',
  (stores) => campaigns.kill(stores, { runs: 1, worlds: 4 }),
)

proves(
  'given PostgreSQL, when a node dies around its command, then the call is moved once and the transfer comes to its end',
  'postgres',
  (stores) => campaigns.kill(stores, { runs: 1, worlds: 4, point: /^(accepted|executing|command|platform|answer|successor)/ }),
)
