import { proves } from './proof.ts'
import { soak } from './runs/soak-run.ts'

proves(
  'given two nodes, when nodes die, the database restarts and connections to the platform break, then every call is moved once',
  'postgres',
  async (stores) => [await soak(stores, { transfers: 30, callers: 8, killEveryMs: [2_000, 5_000], restartEveryMs: 4_000, broken: 0.05 })],
)
