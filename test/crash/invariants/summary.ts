/** The summary of a request is on the customer's participant, where the agent sees it. */
import { createPlatformClient } from '../../support/platform-client.ts'
import { violation, type Violation } from '../harness/campaign-result.ts'
import type { Call, Cluster } from '../harness/cluster.ts'
import type { RequestFields } from '../points/crash-point.ts'

/** @param requestFields those of the request; without a summary nothing is checked */
export async function checkSummary({ simulator }: Cluster, { conversationId }: Call, { summary }: RequestFields): Promise<Violation[]> {
  if (summary === undefined) return []
  const { participants } = await createPlatformClient(simulator.url).getConversation(conversationId)
  const written = participants.find(({ purpose }) => purpose === 'customer')?.attributes?.['handoffSummary1']
  return written === summary ? [] : [violation('lost', `${conversationId}: the agent sees the summary ${JSON.stringify(written)}`)]
}
