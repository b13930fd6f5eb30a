/** Nodes killed at the most telling crash points, on SQLite. */
import { campaigns } from './campaigns.ts'
import { testCampaign } from './campaign-test.ts'

/** The other points, and more runs: npm run crash-test. */
const point =
  /^(request|accepted|context|executing|first|command|response|initiated|refusal not|unknown outcome: after|successor: (claimed|second)|routing sent|pickup|webhook|decision committed)/

testCampaign(
  'given SQLite, when a node dies at a crash point, then the call is moved once and the transfer becomes final',
  'sqlite',
  (storage) => campaigns.kill(storage, { runs: 1, clusters: 4, point }),
)
