import { campaigns } from './campaigns.ts'
import { proves } from './proof.ts'

proves(
  'given a node that is stopped until another has taken its work over, when it wakes up, then it does nothing a second time',
  'postgres',
  (stores) => campaigns.zombie(stores, { runs: 1, worlds: 4, point: /executing|leave|answer read|CRM told/ }),
)
