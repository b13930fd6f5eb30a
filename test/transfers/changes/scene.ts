/** A call that waits in a queue, where nobody picks up until the test wants it, and what the platform shows about it. */
import type { AppOverrides } from '../../../src/app.ts'
import type { AuditEntry } from '../../../src/ledger/contract/audit.ts'
import type { TransferChange } from '../../../src/routes/schemas/transfer-change.ts'
import type { TransferRequest } from '../../../src/model/transfer.ts'
import type { TestContext } from '../../support/build.ts'
import { startTestSystem, type TestSystem } from '../../support/test-system.ts'
import { waitFor } from '../../support/wait-for.ts'

export const routingCommand = 'PATCH /routing/conversations/{id}'

/** Two skills, and a queue whose only agent is off queue, has the first skill, and picks up once on queue. */
export function addQueue({ control }: Pick<TestSystem, 'control'>) {
  const [skillId, otherSkillId] = [control.addSkill({ name: 'Billing' }).id, control.addSkill({ name: 'Spanish' }).id]
  const queueId = control.addQueue({ name: 'Support' }).id
  const userId = control.addAgent({ skillIds: [skillId], queueIds: [queueId], answers: [{ after: 10, with: 'pickup' }] }).id
  control.setAgent(userId, { routingStatus: 'OFF_QUEUE' })
  return { skillId, otherSkillId, queueId, userId, conversationId: control.addConversation({ in: 'ivr' }).conversationId }
}

type Ids = ReturnType<typeof addQueue>
export type WaitingCall = Awaited<ReturnType<typeof setUpWaitingCall>>

/** What a test does with a transfer of this system. */
export const followTransfer = (system: TestSystem, id: string, conversationId: string) => ({
  change: (fields: TransferChange, headers?: Record<string, string>) => system.request('PATCH', `/v1/transfers/${id}`, fields, headers),
  /** The skills, the priority and the preferred agents that the platform shows for the waiting call. */
  async readRouting() {
    const { participants } = await system.getConversation(conversationId)
    const data = participants.findLast(({ purpose }) => purpose === 'acd')?.conversationRoutingData
    return {
      priority: data?.priority,
      skillIds: data?.skills.map((skill) => skill.id).toSorted(),
      preferredUserIds: data?.scoredAgents?.map(({ agent }) => agent.id) ?? [],
    }
  },
  /** Waits until everything that is wanted is on the call, or cannot be put on it any more. */
  waitUntilApplied: () =>
    waitFor(async () => {
      const record = await system.app.ledger.findTransfer(id)
      return record?.routing !== 'pending' && record?.mirror !== 'pending' && record
    }, 'the routing of the call'),
  readAudit: (): Promise<AuditEntry[]> => system.app.ledger.findAuditEntries(id),
})

/**
 * Starts a system with a call that waits in a queue with priority 3, once that is on the call.
 * @param settings environment variables that replace those of `testSettings`
 */
export async function setUpWaitingCall(
  t: TestContext,
  settings: Record<string, string> = {},
  fields: (ids: Ids) => Partial<TransferRequest> = () => ({}),
  overrides: AppOverrides = {},
) {
  const system = await startTestSystem(t, settings, {}, overrides)
  const ids = addQueue(system)
  const { conversationId, queueId } = ids
  const { body, status } = await system.postTransfer({ conversationId, target: { type: 'queue', queueId }, priority: 3, ...fields(ids) })
  if (status !== 202) throw new Error(JSON.stringify(body))
  const transfer = followTransfer(system, body.id, conversationId)
  await transfer.waitUntilApplied()
  return { system, id: body.id, ...ids, ...transfer }
}

/** How often the platform was asked to put skills and priority on a call. */
export const countRoutingCommands = ({ control }: Pick<TestSystem, 'control'>): number => control.requests().counts[routingCommand] ?? 0

/** Holds every routing command before it is sent, so that a test can act meanwhile. The client is restored after the test. */
export function holdRoutingCommands(t: TestContext, { app }: Pick<TestSystem, 'app'>) {
  const { client } = app.genesys
  const { setRouting } = client
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const held = { priorities: [] as number[], release }
  client.setRouting = async (...parameters) => {
    held.priorities.push(parameters[1].priority)
    await released
    return setRouting(...parameters)
  }
  t.teardown(() => {
    client.setRouting = setRouting
    release()
  })
  return held
}
