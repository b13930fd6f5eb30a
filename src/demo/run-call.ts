/** How one call of the demo runs: it is set up in the simulator, transferred over HTTP, followed to its end, and compared with the plan. */
import { setTimeout } from 'node:timers/promises'
import type { AuditEntry } from '../ledger/contract/audit.ts'
import type { Transfer } from '../model/transfer.ts'
import { isFinal } from '../model/states.ts'
import type { DemoCall } from './demo-calls.ts'
import type { DemoSystem } from './demo-system.ts'
import { demoTimes } from './demo-times.ts'
import { createTarget, setUpCall, type CallSetup } from './call-setup.ts'
import { createAuditStep, createCrmStep, type Step } from './step.ts'

export interface CallResult {
  title: string
  expected: string
  actual: string
  /** Differences from what is expected other than `actual`. */
  deviations: string[]
  /** From the request to the acceptance by the platform, for the last transfer that was accepted. */
  latencyMs: number | null
  /** From the acceptance to the pickup, for the same transfer. */
  pickupMs: number | null
}

/** Called with each step as it happens. `startedAt` is when the first transfer of the call was requested, epoch ms. */
export type StepListener = (step: Step, startedAt: number, namesById: ReadonlyMap<string, string>) => void

/** What the service answers to POST /v1/transfers: the transfer, or a problem. */
type TransferAnswer = Transfer & { transferId?: string; detail: string }

const followIntervalMs = 60
/** No transfer of the demo takes longer than this from request to end, ms. */
const maxFollowMs = 2 * demoTimes.pickupTimeoutMs

/** Lists the commands for this call that the platform refused, from the simulator's request log. */
const listRefusals = ({ simulator }: DemoSystem, conversationId: string): Step[] =>
  simulator
    .requests()
    .log.filter(({ operation, path, status }) => operation.startsWith('POST') && status >= 400 && path.includes(conversationId))
    .map(({ at, status }) => ({
      at: Date.parse(at),
      kind: 'platform',
      text: `Genesys answered ${status}${status === 429 ? ' Too Many Requests with a Retry-After; Handoff waits that long and tries again' : ''}`,
    }))

/**
 * Follows a transfer until it is final and the CRM has received its last event. Reports each step once, in the order of their times.
 * @param startedAt epoch ms
 */
async function followTransfer(
  id: string,
  { conversationId, namesById }: CallSetup,
  startedAt: number,
  system: DemoSystem,
  onStep: StepListener,
): Promise<Transfer> {
  let reportedUntil = startedAt - 1
  const giveUpAt = Date.now() + maxFollowMs
  for (;;) {
    // Steps from now on are reported in the next iteration, because an earlier step may not be known yet.
    const now = Date.now()
    const events = system.crm.events.filter(({ transferId }) => transferId === id)
    const transfer = (await system.request('GET', `/v1/transfers/${id}`)).body as Transfer
    const { entries } = (await system.request('GET', `/v1/transfers/${id}/audit`)).body as { entries: AuditEntry[] }
    const isOver = (isFinal(transfer.state) && events.some(({ type }) => type === `transfer.${transfer.state}`)) || now > giveUpAt
    const steps = [
      ...listRefusals(system, conversationId),
      ...entries.map((entry) => createAuditStep(entry, transfer)),
      ...events.map(createCrmStep),
    ].filter((step) => step !== undefined)
    const newSteps = steps.filter(({ at }) => at > reportedUntil && (at < now || isOver))
    for (const step of newSteps.toSorted((a, b) => a.at - b.at)) onStep(step, startedAt, namesById)
    reportedUntil = now - 1
    if (isOver) return transfer
    await setTimeout(followIntervalMs)
  }
}

/** Describes the outcome of a transfer. @param refusalCount how many of its commands the platform refused */
export function describeOutcome(
  { state, code, bounces, resolvedTarget }: Pick<Transfer, 'state' | 'code' | 'bounces' | 'resolvedTarget'>,
  refusalCount: number,
): string {
  if (state !== 'picked_up') return code ?? state
  return [
    'picked up',
    ...(resolvedTarget?.usedFallback ? ['by the fallback'] : []),
    ...(bounces > 0 ? [`${bounces} offers declined`] : []),
    ...(refusalCount > 0 ? ['after 429'] : []),
  ].join(', ')
}

/** Runs a call from its arrival until its last transfer is final. */
export async function runCall(call: DemoCall, system: DemoSystem, onStep: StepListener): Promise<CallResult> {
  const { title, expected } = call
  const result: CallResult = { title, expected, actual: 'nothing', deviations: [], latencyMs: null, pickupMs: null }
  const setup = setUpCall(call, system.simulator)
  const { conversationId } = setup
  const startedAt = Date.now()
  // One after another, because each transfer starts where the previous one has put the call.
  for (const planned of call.transfers) {
    const { status, body } = await system.request('POST', '/v1/transfers', {
      conversationId,
      target: createTarget(planned, setup),
      priority: planned.priority ?? 0,
    })
    const answer = body as TransferAnswer
    const id = status === 202 ? answer.id : answer.transferId
    if (id === undefined) return { ...result, actual: `${status} ${answer.code}`, deviations: [answer.detail] }
    const transfer = await followTransfer(id, setup, startedAt, system, onStep)
    const states = system.crm.events.filter(({ transferId }) => transferId === id).map(({ type }) => type.replace('transfer.', ''))
    if (states.join() !== planned.expectedStates.join())
      result.deviations.push(`the CRM received ${states.join(', ') || 'nothing'} instead of ${planned.expectedStates.join(', ')}`)
    result.actual = describeOutcome(transfer, listRefusals(system, conversationId).length)
    if (transfer.latencyMs !== null) Object.assign(result, { latencyMs: transfer.latencyMs, pickupMs: transfer.pickupMs })
  }
  return result
}

/** Whether a call went as expected. */
export const isAsExpected = ({ expected, actual, deviations }: CallResult): boolean => expected === actual && deviations.length === 0
