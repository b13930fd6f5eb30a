import { campaigns } from './campaigns.ts'
import { proves } from './proof.ts'

proves(
  'given a ledger that keeps a write without saying so, or loses it, when a call is to be moved, then it is moved once and the transfer comes to its end',
  'sqlite',
  (stores) => campaigns.doubt(stores, { runs: 1, worlds: 4, point: /^(executing|decision|initiated|pickup|refusal)/ }),
)
