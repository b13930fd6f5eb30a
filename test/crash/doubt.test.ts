/** The most important writes, which the ledger commits but reports as failed, or loses, on SQLite. `npm run crash-test` covers all writes. */
import { campaigns } from './campaigns.ts'
import { testCampaign } from './campaign-test.ts'

testCampaign(
  'given a ledger that commits a write but reports a failure, or loses the write, when a call is transferred, then it is moved once and the transfer becomes final',
  'sqlite',
  (storage) =>
    campaigns.doubt(storage, {
      runs: 1,
      clusters: 4,
      point: /^(executing|decision|initiated|pickup|refusal|later hop: (executing|initiated))/,
    }),
)
