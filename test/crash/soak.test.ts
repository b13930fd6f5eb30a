/** A short soak: two nodes under load while nodes, database and platform connections fail. */
import { testCampaign } from './campaign-test.ts'
import { runSoak } from './runs/soak-run.ts'

testCampaign(
  'given two nodes, when nodes die, the database restarts and connections to the platform break, then every call is moved once',
  'postgres',
  async (storage) => [
    await runSoak(storage, { transfers: 30, callers: 8, killEveryMs: [800, 2_000], restartEveryMs: 1_500, brokenShare: 0.05 }),
  ],
)
