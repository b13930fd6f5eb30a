/** How the simulator is made to behave as a recording of `npm run acceptance` says. */
import { allOperations } from '../operations/all-operations.ts'
import { checks } from '../specs/checks.ts'
import { ControlError } from '../specs/control-error.ts'
import type { Behavior } from '../specs/behavior-spec.ts'
import type { ForbiddenTopics } from '../specs/notification-specs.ts'
import type { SettingsChange } from '../specs/settings-spec.ts'
import type { FaultOptions } from './fault-options.ts'

/** The part of the control API by which a behavior is set. */
interface Controls {
  configure(change: SettingsChange): void
  addFault(fault: FaultOptions): void
  readonly notifications: { forbidTopics(topics: ForbiddenTopics): void }
}

type Refusal = NonNullable<Behavior['callback']>

const participantPath = '/conversations/{id}/participants/{id}'
const routingBody = { priority: 0, skills: [], scoredAgents: [] }

/** Every permission that an operation of the simulator asks for, without those that are missing. */
function listPermissions(missing: readonly string[]): string[] {
  const required = allOperations.flatMap(({ requires }) =>
    requires === undefined ? [] : 'anyOf' in requires ? requires.anyOf : requires.allOf,
  )
  return [...new Set(required)].filter((permission) => !missing.includes(permission))
}

const createFault = (operation: string, { status, code }: Refusal): FaultOptions => ({
  operation,
  times: 'always',
  fault: { kind: 'status', status, body: status < 300 ? routingBody : { status, code, message: 'As recorded.', details: [], errors: [] } },
})

/**
 * Finds the behavior in the JSON that `npm run acceptance` writes: in `behavior` of its report, or the JSON as a whole.
 *
 * @throws {ControlError} When the text is not JSON, or does not describe a behavior.
 */
export function parseBehavior(text: string): Behavior {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new ControlError('The behavior is not JSON')
  }
  const behavior = (value as { behavior?: unknown } | null)?.behavior ?? value
  checks.behavior(behavior)
  return behavior as Behavior
}

/** Makes the simulator behave so until `reset`. What the behavior does not name stays as it is. */
export function applyBehavior(controls: Controls, behavior: Behavior): void {
  const { replaceInFlow, routingBeforeArrival, arrivalMs, offerMs, eventDelayMs, eventsWithout, callback } = behavior
  const { missingPermissions, longestAttribute } = behavior
  controls.configure({
    ...(arrivalMs !== undefined && { queueDelayMs: arrivalMs }),
    ...(offerMs !== undefined && { offerDelayMs: offerMs }),
    ...(eventDelayMs !== undefined && { eventDelayMs }),
    ...(longestAttribute !== undefined && { longestAttribute }),
    ...(missingPermissions !== undefined && { permissions: listPermissions(missingPermissions) }),
  })
  if (eventsWithout !== undefined)
    controls.notifications.forbidTopics({ pattern: '*.conversations.calls', missingPermissions: eventsWithout })
  const replace = `POST ${participantPath}/replace/queue`
  if (replaceInFlow === 'ignored')
    controls.addFault({ operation: replace, heldBy: 'ivr', times: 'always', fault: { kind: 'empty', status: 202, acts: false } })
  else if (replaceInFlow !== undefined) controls.addFault({ ...createFault(replace, replaceInFlow), heldBy: 'ivr' })
  if (routingBeforeArrival !== undefined)
    controls.addFault({ ...createFault('PATCH /routing/conversations/{id}', routingBeforeArrival), heldBy: 'ivr' })
  if (callback !== undefined) controls.addFault(createFault(`POST ${participantPath}/callbacks`, callback))
}
