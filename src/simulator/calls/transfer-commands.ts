/** What each transfer command does to a call: to a queue, to an agent, to a number. */
import { PlatformError } from '../model/platform-error.ts'
import type { PlatformState } from '../model/platform-state.ts'
import { getTiming } from '../model/timing.ts'
import { enterQueue } from './acd.ts'
import { dialNumber } from './dialing.ts'
import { acceptCommand, failTransfer, findReplaceable, moveLater, type TransferRequest } from './replacement.ts'
import { ringAgent } from './ringing.ts'

/**
 * `replace/queue`: the call leaves the participant and waits in the queue; the command is complete as soon as it waits.
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
  const replacement = acceptCommand(platform, replaceable, 'queue', request.transferType, destination)
  moveLater(platform, getTiming(platform, 'queueDelayMs', queue), replacement, () => {
    enterQueue(platform, conversation, queue, { priority: 0, skillIds: [] })
    replacement.command.state = 'Complete'
  })
}

/**
 * `replace/agent`: the agent's phone rings, whatever their routing status; if they do not pick up, the command has failed.
 *
 * @throws {PlatformError} When the command is refused.
 */
export function replaceWithAgent(platform: PlatformState, request: TransferRequest): void {
  const replaceable = findReplaceable(platform, request)
  const { conversation, leg, to } = replaceable
  const agent = platform.agents.get(to)
  if (agent === undefined || agent.state !== 'active') throw new PlatformError('not.found', { entityId: to })
  if (leg.userId === agent.id) throw new PlatformError('conversations.error.transfer.same.party')
  const replacement = acceptCommand(platform, replaceable, 'agent', request.transferType, { userId: agent.id })
  moveLater(platform, platform.settings.queueDelayMs, replacement, () => {
    replacement.command.state = 'Active'
    ringAgent(platform, conversation, {
      agent,
      queue: platform.queues.get(leg.queueId ?? ''),
      onAnswered: () => {
        replacement.command.state = 'Complete'
      },
      onUnanswered: () => failTransfer(platform, replacement),
    })
  })
}

/**
 * `transfer` to a number: opens an external leg, which connects or fails after `dialMs`.
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
  const replacement = acceptCommand(platform, replaceable, 'number', request.transferType, { address })
  moveLater(platform, platform.settings.queueDelayMs, replacement, () => {
    replacement.command.state = 'Active'
    dialNumber(platform, conversation, {
      address,
      onAnswered: () => {
        replacement.command.state = 'Complete'
      },
      onUnanswered: () => failTransfer(platform, replacement),
    })
  })
}
