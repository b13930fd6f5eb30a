/** The three transfer commands: they move a call to a queue, to an agent or to a number. */
import type { RoutingData } from '../model/conversation.ts'
import { PlatformError } from '../model/platform-error.ts'
import type { PlatformState } from '../model/platform-state.ts'
import { getTiming } from '../model/timing.ts'
import { enterQueue } from './acd.ts'
import { dialNumber } from './dialing.ts'
import { acceptCommand, failTransfer, findReplaceable, moveLater, type TransferRequest } from './replacement.ts'
import { ringAgent } from './ringing.ts'

const noRequirements: RoutingData = { queueId: '', priority: 0, skillIds: [] }

/**
 * `replace/queue`: after `queueDelayMs` the call leaves the participant and enters the queue, with the skills and priority that it had
 * before (docs/genesys-cloud.md rule 43), but without preferred agents (rule 46). That completes the command.
 *
 * @throws {PlatformError} When the command is refused.
 */
export function replaceWithQueue(platform: PlatformState, request: TransferRequest): void {
  const replaceable = findReplaceable(platform, request)
  const { conversation, leg, to } = replaceable
  const queue = platform.queues.get(to)
  if (queue === undefined) throw new PlatformError('conversations.error.queue.not.found')
  if (leg.purpose === 'acd' && leg.queueId === queue.id) throw new PlatformError('conversations.error.transfer.same.party')
  const destination = { address: `sip:${queue.id}@127.0.0.1;user=acd` }
  const accepted = acceptCommand(platform, replaceable, 'queue', request.transferType, destination)
  moveLater(platform, getTiming(platform, 'queueDelayMs', queue), accepted, () => {
    const {
      queueId: _,
      scoredAgents: _dropped,
      ...kept
    } = conversation.legs.findLast(({ routing }) => routing !== undefined)?.routing ?? noRequirements
    enterQueue(platform, conversation, queue, kept)
    accepted.command.state = 'Complete'
  })
}

/**
 * `replace/agent`: after `queueDelayMs` the call leaves the participant and the agent's phone rings, whatever their routing status. The
 * command is complete when they pick up; if they do not, it fails.
 *
 * @throws {PlatformError} When the command is refused.
 */
export function replaceWithAgent(platform: PlatformState, request: TransferRequest): void {
  const replaceable = findReplaceable(platform, request)
  const { conversation, leg, to } = replaceable
  const agent = platform.agents.get(to)
  if (agent === undefined || agent.state !== 'active') throw new PlatformError('not.found', { entityId: to })
  if (leg.userId === agent.id) throw new PlatformError('conversations.error.transfer.same.party')
  const accepted = acceptCommand(platform, replaceable, 'agent', request.transferType, { userId: agent.id })
  moveLater(platform, platform.settings.queueDelayMs, accepted, () => {
    accepted.command.state = 'Active'
    ringAgent(platform, conversation, {
      agent,
      // The call stays one of the queue that the replaced leg belonged to, if any.
      queue: platform.queues.get(leg.queueId ?? ''),
      onAnswered: () => {
        accepted.command.state = 'Complete'
      },
      onUnanswered: () => failTransfer(platform, accepted),
    })
  })
}

/**
 * `transfer` to a number: after `queueDelayMs` the call leaves the participant and an external leg is opened, which connects or fails after
 * another `dialMs`.
 *
 * @throws {PlatformError} When the command is refused.
 */
export function transferToNumber(platform: PlatformState, request: TransferRequest): void {
  const replaceable = findReplaceable(platform, request)
  const { conversation, to } = replaceable
  const number = to.replace(/^tel:/, '')
  if (!/^\+?[0-9]{3,15}$/.test(number)) throw new PlatformError('bad.request')
  const address = `tel:${number}`
  if (address === conversation.ani) throw new PlatformError('conversations.error.transfer.same.party')
  const accepted = acceptCommand(platform, replaceable, 'number', request.transferType, { address })
  moveLater(platform, platform.settings.queueDelayMs, accepted, () => {
    accepted.command.state = 'Active'
    dialNumber(platform, conversation, {
      address,
      onAnswered: () => {
        accepted.command.state = 'Complete'
      },
      onUnanswered: () => failTransfer(platform, accepted),
    })
  })
}
