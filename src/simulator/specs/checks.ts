/** Which check each input of the control API must pass, and how a mismatch is reported. */
import Type, { type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Behavior } from './behavior-spec.ts'
import { AgentChange, AgentSpec } from './agent-spec.ts'
import { ClientSpec } from './client-spec.ts'
import { ControlError } from './control-error.ts'
import { ConsultTarget, ConversationSpec, FlowCallbackSpec, FlowOutTarget, FlowTransferSpec } from './conversation-spec.ts'
import { FaultSpec } from './fault-spec.ts'
import { EventFaultSpec, ForbiddenTopics, SocketCut } from './notification-specs.ts'
import { QueueChange, QueueSpec } from './queue-spec.ts'
import {
  EmergencyGroupChange,
  EmergencyGroupSpec,
  ScheduleChange,
  ScheduleGroupChange,
  ScheduleGroupSpec,
  ScheduleSpec,
} from './schedule-specs.ts'
import { Milliseconds } from './schemas.ts'
import { SettingsChange } from './settings-spec.ts'
import { SkillChange, SkillSpec } from './skill-spec.ts'

/**
 * Compiles the check of one schema.
 *
 * @param subject What the error message calls the value.
 * @param schema The schema that the value must match.
 * @returns A function that throws ControlError, naming the first field that does not match.
 */
function createCheck(subject: string, schema: TSchema): (value: unknown) => void {
  const validator = Compile(schema)
  return (value) => {
    if (validator.Check(value)) return
    const errors = validator.Errors(value)
    // TypeBox reports an unknown field as a mismatch with the schema `false`, under the keyword "boolean".
    const unknownField = errors.find(({ keyword }) => keyword === 'boolean')
    if (unknownField !== undefined) throw new ControlError(`${subject}${unknownField.instancePath} is not known`)
    const { instancePath = '', message = 'is not valid' } = errors.find(({ keyword }) => keyword === 'required') ?? errors[0] ?? {}
    throw new ControlError(`${subject}${instancePath} ${message}`)
  }
}

/** One check for each kind of input of the control API, in process and over HTTP alike. */
export const checks = {
  skill: createCheck('skill', SkillSpec),
  skillChange: createCheck('skill', SkillChange),
  queue: createCheck('queue', QueueSpec),
  queueChange: createCheck('queue', QueueChange),
  schedule: createCheck('schedule', ScheduleSpec),
  scheduleChange: createCheck('schedule', ScheduleChange),
  scheduleGroup: createCheck('scheduleGroup', ScheduleGroupSpec),
  scheduleGroupChange: createCheck('scheduleGroup', ScheduleGroupChange),
  emergencyGroup: createCheck('emergencyGroup', EmergencyGroupSpec),
  emergencyGroupChange: createCheck('emergencyGroup', EmergencyGroupChange),
  behavior: createCheck('behavior', Behavior),
  client: createCheck('client', ClientSpec),
  agent: createCheck('agent', AgentSpec),
  agentChange: createCheck('agent', AgentChange),
  conversation: createCheck('conversation', ConversationSpec),
  consultTarget: createCheck('to', ConsultTarget),
  flowTransfer: createCheck('transfer', FlowTransferSpec),
  flowCallback: createCheck('callback', FlowCallbackSpec),
  flowOutTarget: createCheck('to', FlowOutTarget),
  fault: createCheck('fault', FaultSpec),
  eventFault: createCheck('fault', EventFaultSpec),
  forbiddenTopics: createCheck('topics', ForbiddenTopics),
  socketCut: createCheck('cut', SocketCut),
  settings: createCheck('settings', SettingsChange),
  ms: createCheck('ms', Milliseconds),
  count: createCheck('count', Type.Integer({ minimum: 1, maximum: 50_000 })),
}
