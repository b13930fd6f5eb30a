/** Nodes killed at the most important crash points, on SQLite. */
import { campaigns } from './campaigns.ts'
import { testCampaign } from './campaign-test.ts'

/** `npm run crash-test` also covers the other points. */
const point =
  /^(request|accepted|context|summary|executing|first|command|response|initiated|refusal not|unknown outcome: after|successor: (claimed|second)|routing sent|pickup|webhook|decision(:| committed)|later hop: (executing committed|command executed)|callback: (executing committed|command executed|second attempt|response read)|change: (stored|routing sent))/

testCampaign(
  'given SQLite, when a node dies at a crash point, then the call is moved once and the transfer becomes final',
  'sqlite',
  (storage) => campaigns.kill(storage, { runs: 1, clusters: 4, point }),
)
