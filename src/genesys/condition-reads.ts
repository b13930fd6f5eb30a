/** The platform operations that read opening hours and estimated waits, on which the conditions of a target depend. */
import type { EmergencyGroup, Schedule, ScheduleGroup } from '../schedules/schedule.ts'
import {
  parseEmergencyGroup,
  parseEstimatedWait,
  parseScheduleGroup,
  parseScheduleResponse,
  type EstimatedWait,
} from './condition-responses.ts'
import type { CallOptions } from './http/call-options.ts'
import { callAndParse } from './http/operation.ts'
import type { Sdk } from './sdk.ts'

/** Every call throws GenesysError only (docs/genesys-cloud.md rules 95 and 96). */
export interface ConditionReads {
  scheduleGroup(scheduleGroupId: string, options: CallOptions): Promise<ScheduleGroup>
  /** Null for a schedule that is not in use: inactive or deleted. */
  schedule(scheduleId: string, options: CallOptions): Promise<{ schedule: Schedule | null }>
  emergencyGroup(emergencyGroupId: string, options: CallOptions): Promise<EmergencyGroup>
  /** The platform's estimate of how long a call that arrives now will wait in a queue. */
  estimatedWait(queueId: string, options: CallOptions): Promise<EstimatedWait>
}

export function createConditionReads({ architect, routing }: Pick<Sdk, 'architect' | 'routing'>): ConditionReads {
  return {
    scheduleGroup: (id, options) =>
      callAndParse('getArchitectSchedulegroup', id, options, () => architect.getArchitectSchedulegroup(id), parseScheduleGroup),
    schedule: (id, options) =>
      callAndParse('getArchitectSchedule', id, options, () => architect.getArchitectSchedule(id), parseScheduleResponse),
    emergencyGroup: (id, options) =>
      callAndParse('getArchitectEmergencygroup', id, options, () => architect.getArchitectEmergencygroup(id), parseEmergencyGroup),
    estimatedWait: (id, options) =>
      callAndParse(
        'getRoutingQueueMediatypeEstimatedwaittime',
        id,
        options,
        () => routing.getRoutingQueueMediatypeEstimatedwaittime(id, 'call'),
        parseEstimatedWait,
      ),
  }
}
