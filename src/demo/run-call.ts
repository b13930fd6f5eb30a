/** Plays one call of the demo: sets it up, asks Handoff over HTTP, follows what comes of it, and judges whether it came as it should. */
import { setTimeout } from 'node:timers/promises'
import type { AuditEntry } from '../ledger/ledger.ts'
import type { ProblemDetails } from '../model/problems.ts'
import { DEFAULT_SCENE } from '../simulator/control/default-scene.ts'
import { type Target, type Transfer } from '../model/transfer.ts'
import { isFinal } from '../model/states.ts'
import type { DemoCall, DemoTransfer } from './calls.ts'
import { demoTimes, type Stage } from './stage.ts'
import { heardMoment, momentOf, type Moment } from './telling.ts'

export interface Played {
  title: string
  expected: string
  happened: string
  /** What else was not as it should be. */
  faults: string[]
  /** Of the last transfer that the platform accepted, ms. */
  latencyMs: number | null
  pickupMs: number | null
}
/** Told as it happens; `since` is when the call was first asked for, epoch ms. */
export type Say = (moment: Moment, since: number, names: ReadonlyMap<string, string>) => void

const lookEveryMs = 60
/** Nothing that is played takes longer from request to end, ms. */
const patienceMs = 2 * demoTimes.pickupTimeout

interface Cast {
  conversationId: string
  ids: ReadonlyMap<string, string>
  names: Map<string, string>
}

/** Puts the call's queues, agents and skills on the scene, and the call into the IVR. */
function cast({ queues, transfers, callerHangsUpAfter, fault }: DemoCall, { scene }: Stage): Cast {
  const skills = new Map<string, string>()
  const skillOf = (name: string): string => skills.get(name) ?? skills.set(name, scene.addSkill({ name }).id).get(name)!
  const ids = new Map<string, string>()
  const names = new Map<string, string>(Object.entries(DEFAULT_SCENE.agents).map(([name, id]) => [id, name]))
  names.set(DEFAULT_SCENE.queues.fallback, 'Fallback')
  for (const [name, agents] of Object.entries(queues)) {
    const queueId = scene.addQueue({ name }).id
    ids.set(`queue ${name}`, queueId)
    for (const { name: agent, answers, skills: known = [] } of agents)
      names.set(scene.addAgent({ name: agent, queueIds: [queueId], skillIds: known.map(skillOf), answers }).id, agent)
  }
  for (const { to } of transfers) if ('skill' in to) ids.set(`skill ${to.skill}`, skillOf(to.skill))
  for (const [name, id] of ids) names.set(id, name.replace(/^\w+ /, ''))
  if (fault) scene.addFault(fault)
  const { conversationId } = scene.addConversation({ in: 'ivr', ...(callerHangsUpAfter !== undefined && { callerHangsUpAfter }) })
  return { conversationId, ids, names }
}

function targetOf({ to }: DemoTransfer, { ids }: Cast): Target {
  const queueId = String(ids.get(`queue ${to.queue}`))
  return 'skill' in to ? { type: 'skill', skillId: String(ids.get(`skill ${to.skill}`)), queueId } : { type: 'queue', queueId }
}

/** Commands about this call that the platform refused, as its own log shows them. */
const refusals = ({ scene }: Stage, conversationId: string): Moment[] =>
  scene
    .calls()
    .log.filter(({ operation, path, status }) => operation.startsWith('POST') && status >= 400 && path.includes(conversationId))
    .map(({ at, status }) => ({
      at: Date.parse(at),
      what: 'platform',
      text: `Genesys answered ${status}${status === 429 ? ' Too Many Requests with a Retry-After; Handoff waits that long, then asks again' : ''}`,
    }))

/** Follows a transfer until it is over and the CRM has heard so; tells each thing once, in the order of its time. */
async function follow(id: string, { conversationId, names }: Cast, since: number, stage: Stage, say: Say): Promise<Transfer> {
  let told = since - 1
  for (const end = Date.now() + patienceMs; ;) {
    // What came after this instant may still be overtaken by something older that is not known yet.
    const now = Date.now()
    const heard = stage.crm.heard.filter(({ transferId }) => transferId === id)
    const { body: transfer } = await stage.ask<Transfer>('GET', `/v1/transfers/${id}`)
    const {
      body: { entries },
    } = await stage.ask<{ entries: AuditEntry[] }>('GET', `/v1/transfers/${id}/audit`)
    const over = (isFinal(transfer.state) && heard.some(({ type }) => type === `transfer.${transfer.state}`)) || now > end
    const moments = [
      ...refusals(stage, conversationId),
      ...entries.map((entry) => momentOf(entry, transfer)),
      ...heard.map(heardMoment),
    ].filter((moment) => moment !== undefined)
    for (const moment of moments.filter(({ at }) => at > told && (at < now || over)).toSorted((a, b) => a.at - b.at))
      say(moment, since, names)
    told = now - 1
    if (over) return transfer
    await setTimeout(lookEveryMs)
  }
}

/** What became of a call, in the words of the table's `expected`. */
export function outcomeOf(
  { state, code, bounces, resolvedTarget }: Pick<Transfer, 'state' | 'code' | 'bounces' | 'resolvedTarget'>,
  refused: number,
): string {
  if (state !== 'picked_up') return code ?? state
  return `picked up${resolvedTarget?.usedFallback ? ', by the fallback' : ''}${bounces > 0 ? `, ${bounces} offers declined` : ''}${refused > 0 ? ', after 429' : ''}`
}

/** Plays a call from its arrival until its last transfer is over. */
export async function play(call: DemoCall, stage: Stage, say: Say): Promise<Played> {
  const { title, expected } = call
  const played: Played = { title, expected, happened: 'nothing', faults: [], latencyMs: null, pickupMs: null }
  const onStage = cast(call, stage)
  const { conversationId } = onStage
  const since = Date.now()
  for (const wanted of call.transfers) {
    // A call moves on only from where the transfer before has left it.
    const { status, body } = await stage.ask<Transfer & ProblemDetails>('POST', '/v1/transfers', {
      conversationId,
      target: targetOf(wanted, onStage),
      priority: wanted.priority ?? 0,
    })
    const id = status === 202 ? body.id : body.transferId
    if (id === undefined) return { ...played, happened: `${status} ${body.code}`, faults: [body.detail] }
    const transfer = await follow(id, onStage, since, stage, say)
    const heard = stage.crm.heard.filter(({ transferId }) => transferId === id).map(({ type }) => type.replace('transfer.', ''))
    if (heard.join() !== wanted.hears.join())
      played.faults.push(`the CRM heard ${heard.join(', ') || 'nothing'} instead of ${wanted.hears.join(', ')}`)
    played.happened = outcomeOf(transfer, refusals(stage, conversationId).length)
    if (transfer.latencyMs !== null) Object.assign(played, { latencyMs: transfer.latencyMs, pickupMs: transfer.pickupMs })
  }
  return played
}

/** Whether a call came out as the table says. */
export const asExpected = ({ expected, happened, faults }: Played): boolean => expected === happened && faults.length === 0
