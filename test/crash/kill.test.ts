import { campaigns } from './campaigns.ts'
import { proves } from './proof.ts'

/** The rest of the points, and as many runs as one likes: npm run crash-test. */
const some =
  /^(request|accepted|context|executing|first|command|platform|answer|initiated|refusal not|reconciliation looked|successor: (claimed|second)|routing sent|pickup|CRM|decision committed)/

proves(
  'given SQLite, when a node dies at a named point, then the call is moved once and the transfer comes to its end',
  'sqlite',
  (stores) => campaigns.kill(stores, { runs: 1, worlds: 4, point: some }),
)
