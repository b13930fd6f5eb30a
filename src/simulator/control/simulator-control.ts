/** How tests and the demo control and inspect a running simulator. */
import { createCallback } from '../calls/callbacks.ts'
import { startConsult } from '../calls/consults.ts'
import { flowOut, transferByFlow } from '../calls/flows.ts'
import { hangUpByAgent, hangUpByCaller } from '../calls/hang-ups.ts'
import { startCall } from '../calls/incoming-calls.ts'
import type { Conversation } from '../model/conversation.ts'
import type { AcceptedCallback, AcceptedTransfer } from '../model/platform-state.ts'
import { requireEntity } from '../model/require-entity.ts'
import type { Settings } from '../model/settings.ts'
import type { SimulatorContext } from '../platform-api/context.ts'
import type { RequestLogSummary } from '../platform-api/request-log.ts'
import type { Behavior } from '../specs/behavior-spec.ts'
import type { AgentChange, AgentSpec } from '../specs/agent-spec.ts'
import type { ClientSpec } from '../specs/client-spec.ts'
import { checks } from '../specs/checks.ts'
import { ControlError } from '../specs/control-error.ts'
import type { ConsultTarget, ConversationSpec, FlowCallbackSpec, FlowOutTarget, FlowTransferSpec } from '../specs/conversation-spec.ts'
import type { QueueChange, QueueSpec } from '../specs/queue-spec.ts'
import type { SettingsChange } from '../specs/settings-spec.ts'
import type { SkillChange, SkillSpec } from '../specs/skill-spec.ts'
import { createAgentView, type AgentCall } from '../views/agent-view.ts'
import { applyBehavior } from './apply-behavior.ts'
import { addAgent, addQueue, addSkill, changeAgent, changeQueue, removeQueue, type NamedEntity } from './directory-changes.ts'
import { parseFaultOptions, type FaultOptions } from './fault-options.ts'
import { NotificationControl } from './notification-control.ts'
import { ScheduleControl } from './schedule-control.ts'

/**
 * The control API of a running simulator; `/_simulator` offers the same over HTTP (docs/architecture.md#simulator).
 * Times are milliseconds unless the name says otherwise. An instruction that is not possible throws ControlError and changes nothing.
 */
export class SimulatorControl {
  readonly #context: SimulatorContext
  readonly #initialSettings: Settings
  /** The control API of the notification service. */
  readonly notifications: NotificationControl
  /** The control API of schedules. */
  readonly schedules: ScheduleControl

  constructor(context: SimulatorContext) {
    this.#context = context
    this.#initialSettings = { ...context.platform.settings }
    this.notifications = new NotificationControl(context.platform, context.notifications)
    this.schedules = new ScheduleControl(context.platform)
  }

  /** Adds an OAuth client that can log in. */
  addClient(spec: ClientSpec): void {
    checks.client(spec)
    this.#context.clients.set(spec.id, spec.secret)
  }

  /** Removes an OAuth client. All tokens end, also those of other clients, which log in again. */
  removeClient(id: string): void {
    this.#context.clients.delete(id)
    this.#context.tokens.revokeAll()
  }

  addSkill(spec: SkillSpec = {}): NamedEntity {
    checks.skill(spec)
    return addSkill(this.#context.platform, spec)
  }

  setSkill(id: string, change: SkillChange): void {
    checks.skillChange(change)
    requireEntity(this.#context.platform.skills, 'skill', id).state = change.state
  }

  addQueue(spec: QueueSpec = {}): NamedEntity {
    checks.queue(spec)
    return addQueue(this.#context.platform, spec)
  }

  setQueue(id: string, change: QueueChange): void {
    checks.queueChange(change)
    changeQueue(this.#context.platform, id, change)
  }

  removeQueue(id: string): void {
    removeQueue(this.#context.platform, id)
  }

  addAgent(spec: AgentSpec = {}): NamedEntity {
    checks.agent(spec)
    return addAgent(this.#context.platform, spec)
  }

  setAgent(id: string, change: AgentChange): void {
    checks.agentChange(change)
    changeAgent(this.#context.platform, id, change)
  }

  /** The calls that an agent sees, with the attributes of each caller. */
  agentCalls(id: string): AgentCall[] {
    return createAgentView(requireEntity(this.#context.platform.agents, 'agent', id))
  }

  /** Starts a call. */
  addConversation(spec: ConversationSpec): { conversationId: string } {
    checks.conversation(spec)
    return { conversationId: startCall(this.#context.platform, spec).id }
  }

  /** Starts the same call `count` times (at most 50,000). */
  addConversations(count: number, spec: Omit<ConversationSpec, 'id'>): { conversationIds: string[] } {
    checks.count(count)
    if ('id' in spec) throw new ControlError('conversation/id cannot be given for several conversations')
    checks.conversation(spec)
    return { conversationIds: Array.from({ length: count }, () => startCall(this.#context.platform, spec).id) }
  }

  /** The caller hangs up. */
  hangUp(conversationId: string): void {
    hangUpByCaller(this.#context.platform, this.#requireActive(conversationId))
  }

  /** The agent hangs up. */
  endByAgent(conversationId: string): void {
    hangUpByAgent(this.#context.platform, this.#requireActive(conversationId))
  }

  /** The agent consults a person, a queue or a number while the caller waits. */
  consult(conversationId: string, target: ConsultTarget): void {
    checks.consultTarget(target)
    startConsult(this.#context.platform, this.#requireActive(conversationId), target)
  }

  /** The in-queue flow moves a waiting call to a voicemail or an IVR. */
  flowOut(conversationId: string, target: FlowOutTarget = 'voicemail'): void {
    checks.flowOutTarget(target)
    flowOut(this.#context.platform, this.#requireActive(conversationId), target)
  }

  /** The inbound flow runs its action Transfer to ACD. */
  transferByFlow(conversationId: string, spec: FlowTransferSpec): void {
    checks.flowTransfer(spec)
    transferByFlow(this.#context.platform, this.#requireActive(conversationId), spec)
  }

  /** The flow runs its action Create Callback, with the number of the caller. */
  createCallback(conversationId: string, spec: FlowCallbackSpec): void {
    checks.flowCallback(spec)
    const { legs, ani } = this.#requireActive(conversationId)
    const { platform } = this.#context
    requireEntity(platform.queues, 'queue', spec.queueId)
    const numbers = [ani.replace(/^tel:/, '')]
    createCallback(platform, { conversationId, participantId: legs[0]?.id ?? '', skillIds: [], priority: 0, numbers, data: {}, ...spec })
  }

  #requireActive(conversationId: string): Conversation {
    const conversation = requireEntity(this.#context.platform.conversations, 'conversation', conversationId)
    if (conversation.endAt !== undefined) throw new ControlError(`Conversation ${conversationId} has ended`)
    return conversation
  }

  /** Makes matching requests fail: `times` of them (default 1), after the first `skip` (default 0). Without `operation` every request matches. */
  addFault(options: FaultOptions): void {
    this.#context.faults.add(parseFaultOptions(options))
  }

  /** Makes the platform behave as a recording of `npm run acceptance` says, until `reset`. */
  behave(behavior: Behavior): void {
    checks.behavior(behavior)
    applyBehavior(this, behavior)
  }

  clearFaults(): void {
    this.#context.faults.clear()
  }

  /** The requests that clients made to the platform. */
  requests(): RequestLogSummary {
    return this.#context.requestLog.summarize()
  }

  clearRequests(): void {
    this.#context.requestLog.clear()
  }

  /** The transfer commands that the platform accepted, of one conversation or of all, oldest first. */
  transfers(conversationId?: string): AcceptedTransfer[] {
    const { transfers } = this.#context.platform
    return transfers.filter((transfer) => conversationId === undefined || transfer.conversationId === conversationId)
  }

  /** The callbacks that were created, in one conversation or in all, oldest first. */
  callbacks(conversationId?: string): AcceptedCallback[] {
    const { callbacks } = this.#context.platform
    return callbacks.filter((callback) => conversationId === undefined || callback.conversationId === conversationId)
  }

  /** Changes settings. Delays that have already begun keep their length. */
  configure(change: SettingsChange): void {
    checks.settings(change)
    Object.assign(this.#context.platform.settings, change)
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

  /** Sets the permissions of the OAuth client. */
  setPermissions(permissions: 'all' | string[]): void {
    this.configure({ permissions })
  }

  /** Makes every token that was issued so far invalid. */
  revokeTokens(): void {
    this.#context.tokens.revokeAll()
  }

  /** The simulator's time, epoch ms. */
  now(): number {
    return this.#context.platform.clock.now()
  }

  /** Advances a manual clock; each event that becomes due happens at its own instant. */
  advance(ms: number): void {
    const { clock } = this.#context.platform
    checks.ms(ms)
    if (clock.kind === 'real') throw new ControlError('The clock is real: only a manual clock can be advanced')
    clock.advance(ms)
  }

  /** Empties the platform and restores the initial settings. Tokens stay valid, but each begins a new rate limit window. */
  reset(): void {
    const { platform, tokens, assignmentWindow } = this.#context
    platform.clock.clear()
    for (const entities of [platform.skills, platform.queues, platform.agents, platform.conversations]) entities.clear()
    platform.transfers.length = 0
    platform.callbacks.length = 0
    Object.assign(platform.settings, this.#initialSettings)
    this.notifications.reset()
    this.schedules.reset()
    tokens.clearWindows()
    assignmentWindow.clear()
    this.clearFaults()
    this.clearRequests()
  }
}
