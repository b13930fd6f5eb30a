/** Webhooks whose sender is killed while their receivers fail. */
import { testCampaign } from './campaign-test.ts'
import { runWebhookCampaign } from './webhooks/webhook-run.ts'

/** For 10,000 events and 20 kills: `npm run crash-test -- --only webhooks --runs 20`. */
const size = { transfers: 50, kills: 3 }

for (const backend of ['sqlite', 'postgres'] as const)
  testCampaign(
    `given ${backend} and receivers that fail in every way, when the sender dies, then every event is delivered or given up, in order and with the same body each time`,
    backend,
    async (storage) => [await runWebhookCampaign(storage, size)],
  )
