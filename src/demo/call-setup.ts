/** How a call of the demo is set up in the simulator, and which ids its queues and skills get. */
import type { Target } from '../model/target-schema.ts'
import { defaultScenario } from '../simulator/control/default-scenario.ts'
import type { SimulatorControl } from '../simulator/control/simulator-control.ts'
import type { DemoCall, DemoTransfer } from './demo-calls.ts'

export interface CallSetup {
  conversationId: string
  queueIds: ReadonlyMap<string, string>
  skillIds: ReadonlyMap<string, string>
  /** Names of queues, skills and agents. */
  namesById: ReadonlyMap<string, string>
}

/** Adds the call's skills, queues and agents, and the call itself in the IVR. */
export function setUpCall({ queues, transfers, callerHangsUpAfter, fault }: DemoCall, simulator: SimulatorControl): CallSetup {
  const queueIds = new Map<string, string>()
  const skillIds = new Map<string, string>()
  const namesById = new Map<string, string>(Object.entries(defaultScenario.agents).map(([name, id]) => [id, name]))
  namesById.set(defaultScenario.queues.fallback, 'Fallback')

  function addSkillOnce(name: string): string {
    const id = skillIds.get(name) ?? simulator.addSkill({ name }).id
    skillIds.set(name, id)
    return id
  }

  for (const [queueName, agents] of Object.entries(queues)) {
    const queueId = simulator.addQueue({ name: queueName }).id
    queueIds.set(queueName, queueId)
    for (const { name, answers, skills = [] } of agents)
      namesById.set(simulator.addAgent({ name, queueIds: [queueId], skillIds: skills.map(addSkillOnce), answers }).id, name)
  }
  for (const { to } of transfers) if ('skill' in to) addSkillOnce(to.skill)
  for (const [name, id] of [...queueIds, ...skillIds]) namesById.set(id, name)
  if (fault) simulator.addFault(fault)
  const { conversationId } = simulator.addConversation({ in: 'ivr', ...(callerHangsUpAfter !== undefined && { callerHangsUpAfter }) })
  return { conversationId, queueIds, skillIds, namesById }
}

/** Creates the target of a transfer, with ids instead of names. @throws Error for a name that was not set up */
export function createTarget({ to }: DemoTransfer, { queueIds, skillIds }: CallSetup): Target {
  const queueId = requireId(queueIds, to.queue)
  return 'skill' in to ? { type: 'skill', skillId: requireId(skillIds, to.skill), queueId } : { type: 'queue', queueId }
}

function requireId(ids: ReadonlyMap<string, string>, name: string): string {
  const id = ids.get(name)
  if (id === undefined) throw new Error(`the demo has not set up ${name}`)
  return id
}
