/** What tests of summary and reason share: requests, the customer's attributes, and the requests that wrote them. */
import { setUpIvrCall } from '../../support/calls.ts'
import { startTestSystem, type TestSystem } from '../../support/test-system.ts'
import { waitFor } from '../../support/wait-for.ts'

export const attributesOperation = 'PATCH /conversations/{id}/participants/{id}/attributes'
export const commandOperation = 'POST /conversations/{id}/participants/{id}/replace/queue'

/** Longer than two parts, with nothing that looks like a number or an address. */
export const longSummary = 'The caller was charged twice for the same invoice and wants the second payment back. '.repeat(7).trim()

type TestContext = Parameters<typeof startTestSystem>[0]
interface AuditEntry {
  status: string
  detail: Record<string, unknown>
}

/** Starts a system with a queue whose only agent takes no call yet, and a call in the IVR. @param settings see `testSettings` */
export async function startScene(t: TestContext, settings: Record<string, string> = {}, rules: Parameters<typeof startTestSystem>[2] = {}) {
  const system = await startTestSystem(t, settings, rules)
  const ids = setUpIvrCall(system.control)
  system.control.setAgent(ids.userId, { routingStatus: 'OFF_QUEUE' })
  return { ...system, ...ids, ...createReaders(system) }
}
export type Scene = Awaited<ReturnType<typeof startScene>>

function createReaders({ control, getConversation, request, app }: TestSystem) {
  const operationsOf = (conversationId: string): string[] =>
    control
      .requests()
      .log.filter(({ path }) => path.includes(conversationId))
      .map(({ operation }) => operation)
  return {
    /** The operations that the platform was asked for about a conversation, in order. */
    operationsOf,
    /** How often the attributes of a conversation's participant were written, or were to be written. */
    countWrites: (conversationId: string): number =>
      operationsOf(conversationId).filter((operation) => operation === attributesOperation).length,
    /** The customer's attributes, without those of the loop guard. */
    async readAttributes(conversationId: string): Promise<Record<string, string>> {
      const { participants } = await getConversation(conversationId)
      const attributes = Object.entries(participants.find(({ purpose }) => purpose === 'customer')?.attributes ?? {})
      return Object.fromEntries(attributes.filter(([name]) => !/^(transfer|loopPrevention)/.test(name)))
    },
    async readAudit(transferId: string): Promise<AuditEntry[]> {
      return (await request<{ entries: AuditEntry[] }>('GET', `/v1/transfers/${transferId}/audit`)).body.entries
    },
    /** Waits until nothing has to be written to the call any more. */
    waitUntilUpdated: (transferId: string) =>
      waitFor(async () => {
        const record = await app.ledger.findTransfer(transferId)
        return record && ![record.routing, record.mirror, record.attributes].includes('pending') && record
      }, 'nothing to be pending'),
  }
}
