/** Measures one transfer with the simulator's request log: its platform calls until the 202, and those that follow. */
import { setTimeout } from 'node:timers/promises'
import type { LoggedRequest } from '../../src/simulator/platform-api/request-log.ts'
import type { Row } from '../harness/benchmark.ts'
import type { Service } from '../harness/service-process.ts'
import type { Simulator } from '../harness/simulator-process.ts'
import { computeAnsweredAt, countRoundTrips } from './count-round-trips.ts'

export type TargetKind = 'agent' | 'queue' | 'skill' | 'number'

export interface Measurement {
  conversationId: string
  /** From the request to the 202. */
  latencyMs: number
  /** Platform calls before the 202. */
  calls: number
  /** Round trips before the 202. */
  roundTrips: number
  /** When the 202 arrived, epoch ms. */
  acceptedAt: number
}

/** By this time after the 202, an agent has picked up and no more platform calls follow. */
const afterwardsMs = 3_000

/** Adds a target that the service has never seen, with an agent who can take the call. */
export async function addTarget(kind: TargetKind, simulator: Simulator): Promise<object> {
  if (kind === 'number') return { type: 'number', address: '+4930123456' }
  const { id: skillId } = await simulator.control<{ id: string }>('POST', '/skills', {})
  const { id: queueId } = await simulator.control<{ id: string }>('POST', '/queues', {})
  const { id: userId } = await simulator.control<{ id: string }>('POST', '/agents', {
    skillIds: [skillId],
    queueIds: [queueId],
    answers: [{ after: 600, with: 'pickup' }],
  })
  const targets = {
    agent: { type: 'agent', userId },
    queue: { type: 'queue', queueId },
    skill: { type: 'skill', skillId, queueId },
  }
  return targets[kind]
}

/** Adds a call in the IVR. Returns its conversation id. */
export const addCall = async (simulator: Simulator): Promise<string> =>
  (await simulator.control<{ conversationId: string }>('POST', '/conversations', { in: 'ivr' })).conversationId

/** Whether a platform call is about this conversation, or about none, like lookups and logins. */
const isAboutTransfer = ({ path }: LoggedRequest, conversationId: string): boolean =>
  path.includes(conversationId) || !path.includes('/conversations/')

/** Transfers a new call. @throws Error when the transfer is refused */
export async function measureTransfer(
  { target, hasContext = false }: { target: object; hasContext?: boolean },
  service: Service,
  simulator: Simulator,
): Promise<Measurement> {
  const conversationId = await addCall(simulator)
  const response = await service.request<{ code?: string }>('POST', '/v1/transfers', {
    conversationId,
    target,
    ...(hasContext && { context: { reason: 'bench' } }),
  })
  if (response.status !== 202) throw new Error(`a transfer was answered ${response.status} ${response.body.code}`)
  const { log } = await simulator.readRequests()
  const calls = log.filter(
    (call) =>
      isAboutTransfer(call, conversationId) && Date.parse(call.at) >= response.sentAt && computeAnsweredAt(call) <= response.answeredAt,
  )
  return {
    conversationId,
    latencyMs: response.latencyMs,
    calls: calls.length,
    roundTrips: countRoundTrips(calls),
    acceptedAt: response.answeredAt,
  }
}

/** Transfers a new call, and counts the platform calls about it that were not answered before the 202. */
export async function measureAfterwards(kind: TargetKind, service: Service, simulator: Simulator): Promise<Row> {
  const { conversationId, acceptedAt } = await measureTransfer({ target: await addTarget(kind, simulator) }, service, simulator)
  await setTimeout(afterwardsMs)
  const { log } = await simulator.readRequests()
  const later = log.filter((call) => call.path.includes(conversationId) && computeAnsweredAt(call) > acceptedAt)
  const findCalls = (operation: string): LoggedRequest[] => later.filter((call) => call.operation.includes(operation))
  /** From the 202 until the first of these calls; null if there is none. */
  const findFirstMs = (operation: string): number | null => {
    const [first] = findCalls(operation)
    return first ? Math.max(0, Date.parse(first.at) - acceptedAt) : null
  }
  return {
    'after the 202': kind,
    'routing PATCH': findCalls('/routing/conversations').length,
    'first routing after ms': findFirstMs('/routing/conversations'),
    'attributes PATCH': findCalls('/attributes').length,
    'first attributes after ms': findFirstMs('/attributes'),
    'polls until pickup': findCalls('GET /conversations').length,
    'first poll after ms': findFirstMs('GET /conversations'),
  }
}
