import { offerNextCall } from '../calls/acd.ts'
import { callArrives, existing, flowsOut, flowTransfers } from '../calls/arrivals.ts'
import type { Calls } from '../platform/call-log.ts'
import { addAgent, addQueue, addSkill, removeQueue, setAgent, type Named } from '../directory.ts'
import { agentHangsUp, callerHangsUp } from '../calls/hang-ups.ts'
import type { Conversation } from '../calls/legs.ts'
import { NotificationScene } from './notification-scene.ts'
import { OPERATION_NAMES, type Platform } from '../platform/platform-api.ts'
import {
  expects,
  SceneError,
  type AgentChange,
  type AgentSpec,
  type ConversationSpec,
  type FaultSpec,
  type FlowOutTarget,
  type FlowTransferSpec,
  type QueueSpec,
  type SettingsChange,
  type SkillChange,
  type SkillSpec,
} from './scene-shapes.ts'
import type { AcceptedTransfer, Settings } from '../world.ts'

/** A fault as code may set it: `times` may also be Infinity. */
export type FaultSetting = Omit<FaultSpec, 'times'> & { readonly times?: number | 'always' }

/**
 * The control surface of a running simulator; `/_simulator` does the same over HTTP (design §12).
 * Times are milliseconds unless the name says otherwise. What is not possible throws SceneError and changes nothing.
 */
export class Scene {
  readonly #platform: Platform
  readonly #initial: Settings
  /** The same for the notification service. */
  readonly notifications: NotificationScene

  constructor(platform: Platform) {
    this.#platform = platform
    this.notifications = new NotificationScene(platform.world)
    this.#initial = { ...platform.world.settings }
    platform.world.agentFreed = (agent) => offerNextCall(platform.world, agent)
  }

  addSkill(spec: SkillSpec = {}): Named {
    expects.skill(spec)
    return addSkill(this.#platform.world, spec)
  }

  setSkill(id: string, change: SkillChange): void {
    expects.skillChange(change)
    existing(this.#platform.world.skills, 'skill', id).state = change.state
  }

  addQueue(spec: QueueSpec = {}): Named {
    expects.queue(spec)
    return addQueue(this.#platform.world, spec)
  }

  removeQueue(id: string): void {
    removeQueue(this.#platform.world, id)
  }

  addAgent(spec: AgentSpec = {}): Named {
    expects.agent(spec)
    return addAgent(this.#platform.world, spec)
  }

  setAgent(id: string, change: AgentChange): void {
    expects.agentChange(change)
    setAgent(this.#platform.world, id, change)
  }

  addConversation(spec: ConversationSpec): { conversationId: string } {
    expects.conversation(spec)
    return { conversationId: callArrives(this.#platform.world, spec).id }
  }

  /** The same call `count` times (up to 50,000). */
  addConversations(count: number, spec: Omit<ConversationSpec, 'id'>): { conversationIds: string[] } {
    expects.count(count)
    if ('id' in spec) throw new SceneError('conversation/id cannot be given for several conversations')
    expects.conversation(spec)
    return { conversationIds: Array.from({ length: count }, () => callArrives(this.#platform.world, spec).id) }
  }

  /** The caller hangs up. */
  hangUp(conversationId: string): void {
    callerHangsUp(this.#platform.world, this.#live(conversationId))
  }

  endByAgent(conversationId: string): void {
    agentHangsUp(this.#platform.world, this.#live(conversationId))
  }

  /** The in-queue flow moves the waiting call on. */
  flowOut(conversationId: string, to: FlowOutTarget = 'voicemail'): void {
    expects.flowOutTarget(to)
    flowsOut(this.#platform.world, this.#live(conversationId), to)
  }

  /** The Architect flow itself does Transfer to ACD. */
  transferByFlow(conversationId: string, spec: FlowTransferSpec): void {
    expects.flowTransfer(spec)
    flowTransfers(this.#platform.world, this.#live(conversationId), spec)
  }

  #live(conversationId: string): Conversation {
    const conversation = existing(this.#platform.world.conversations, 'conversation', conversationId)
    if (conversation.endAt !== undefined) throw new SceneError(`Conversation ${conversationId} has ended`)
    return conversation
  }

  /** Makes requests of an operation (all of them without one) fail; `times` 1 unless said, after `skip` were let through. */
  addFault(fault: FaultSetting): void {
    const { times, ...rest } = fault
    const spec = { ...rest, ...(times !== undefined && { times: times === Infinity ? 'always' : times }) } as FaultSpec
    expects.fault(spec)
    const { operation = '*', conversationId } = spec
    if (operation !== '*' && !OPERATION_NAMES.includes(operation)) {
      throw new SceneError(`fault/operation ${operation} is none of: *, ${OPERATION_NAMES.join(', ')}`)
    }
    if (conversationId !== undefined && operation !== '*' && !operation.includes('/conversations/{id}')) {
      throw new SceneError(`fault/conversationId ${operation} is about no conversation`)
    }
    this.#platform.faults.add(spec)
  }

  clearFaults(): void {
    this.#platform.faults.clear()
  }

  calls(): Calls {
    return this.#platform.log.calls()
  }

  clearCalls(): void {
    this.#platform.log.clear()
  }

  /** The transfer commands that the platform accepted, of one conversation or of all, oldest first. */
  transfers(conversationId?: string): AcceptedTransfer[] {
    return this.#platform.world.transfers.filter((transfer) => conversationId === undefined || transfer.conversationId === conversationId)
  }

  /** Changes any of the settings from now on; events that are under way keep their times. */
  configure(change: SettingsChange): void {
    expects.settings(change)
    Object.assign(this.#platform.world.settings, change)
  }

  setLatency(ms: number): void {
    this.configure({ latencyMs: ms })
  }

  setRequestsPerMinute(requestsPerMinute: number): void {
    this.configure({ requestsPerMinute })
  }

  setTokenLifetime(seconds: number): void {
    this.configure({ tokenLifetimeSeconds: seconds })
  }

  /** The permissions of the OAuth client. */
  setPermissions(permissions: 'all' | string[]): void {
    this.configure({ permissions })
  }

  /** Every token that is out answers 401 from now on. */
  revokeTokens(): void {
    this.#platform.tokens.revokeAll()
  }

  /** The simulator's time, in ms since 1970. */
  now(): number {
    return this.#platform.world.clock.now()
  }

  /** Moves the manual clock on; everything that falls due happens at its own instant. */
  advance(ms: number): void {
    expects.ms(ms)
    if (this.#platform.world.clock.kind === 'real') throw new SceneError('The clock is real: only a manual clock can be advanced')
    this.#platform.world.clock.advance(ms)
  }

  /** Empties the scene and returns every setting to what it was at the start. Tokens stay good, their minutes begin anew. */
  reset(): void {
    const { world, tokens } = this.#platform
    world.clock.clear()
    for (const entities of [world.skills, world.queues, world.agents, world.conversations]) entities.clear()
    world.transfers.length = 0
    Object.assign(world.settings, this.#initial)
    this.notifications.reset()
    tokens.clearWindows()
    this.clearFaults()
    this.clearCalls()
  }
}
