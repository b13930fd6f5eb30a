import { proves } from './proof.ts'
import { webhookRun } from './webhooks/webhook-run.ts'

/** 10,000 events and 20 kills: npm run crash-test -- --only webhooks --runs 20. */
const some = { transfers: 50, kills: 3 }

for (const backend of ['sqlite', 'postgres'] as const)
  proves(
    `given ${backend} and receivers that fail in every way, when the sender dies, then every event is delivered or kept, in order, one body each`,
    backend,
    async (stores) => [await webhookRun(stores, some)],
  )
