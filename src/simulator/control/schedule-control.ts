/** How tests and the demo set when the simulated contact center is open. */
import { randomUUID } from 'node:crypto'
import type { EmergencyGroup, Schedule, ScheduleGroup } from '../model/schedule.ts'
import type { PlatformState } from '../model/platform-state.ts'
import { requireEntity } from '../model/require-entity.ts'
import { checks } from '../specs/checks.ts'
import type {
  EmergencyGroupChange,
  EmergencyGroupSpec,
  ScheduleChange,
  ScheduleGroupChange,
  ScheduleGroupSpec,
  ScheduleSpec,
} from '../specs/schedule-specs.ts'
import { insertEntity, type NamedEntity } from './directory-changes.ts'

/** The part of the control API for schedules. An instruction that is not possible throws ControlError and changes nothing. */
export class ScheduleControl {
  readonly #platform: PlatformState

  constructor(platform: PlatformState) {
    this.#platform = platform
  }

  /** Adds a schedule. Its times are local, without a time zone; without `rrule` it applies once. */
  addSchedule(spec: ScheduleSpec): NamedEntity {
    checks.schedule(spec)
    const { schedules } = this.#platform
    const schedule: Schedule = {
      id: randomUUID(),
      name: `Schedule ${schedules.size + 1}`,
      rrule: null,
      state: 'active',
      ...spec,
    }
    return insertEntity(schedules, 'schedule', schedule)
  }

  setSchedule(id: string, change: ScheduleChange): void {
    checks.scheduleChange(change)
    Object.assign(requireEntity(this.#platform.schedules, 'schedule', id), change)
  }

  /** Adds a schedule group. Its time zone is UTC by default. */
  addScheduleGroup(spec: ScheduleGroupSpec = {}): NamedEntity {
    checks.scheduleGroup(spec)
    this.#requireSchedules(spec)
    const { scheduleGroups } = this.#platform
    const group: ScheduleGroup = {
      id: randomUUID(),
      name: `Schedule group ${scheduleGroups.size + 1}`,
      timeZone: 'UTC',
      openScheduleIds: [],
      closedScheduleIds: [],
      holidayScheduleIds: [],
      ...spec,
    }
    return insertEntity(scheduleGroups, 'schedule group', group)
  }

  setScheduleGroup(id: string, change: ScheduleGroupChange): void {
    checks.scheduleGroupChange(change)
    const group = requireEntity(this.#platform.scheduleGroups, 'schedule group', id)
    this.#requireSchedules(change)
    Object.assign(group, change)
  }

  /** Adds an emergency group. It is not enabled by default. */
  addEmergencyGroup(spec: EmergencyGroupSpec = {}): NamedEntity {
    checks.emergencyGroup(spec)
    const { emergencyGroups } = this.#platform
    const group: EmergencyGroup = {
      id: randomUUID(),
      name: `Emergency group ${emergencyGroups.size + 1}`,
      enabled: false,
      ...spec,
    }
    return insertEntity(emergencyGroups, 'emergency group', group)
  }

  setEmergencyGroup(id: string, change: EmergencyGroupChange): void {
    checks.emergencyGroupChange(change)
    requireEntity(this.#platform.emergencyGroups, 'emergency group', id).enabled = change.enabled
  }

  #requireSchedules({ openScheduleIds = [], closedScheduleIds = [], holidayScheduleIds = [] }: ScheduleGroupChange): void {
    for (const id of [...openScheduleIds, ...closedScheduleIds, ...holidayScheduleIds])
      requireEntity(this.#platform.schedules, 'schedule', id)
  }

  /** Removes everything that was added. */
  reset(): void {
    const { schedules, scheduleGroups, emergencyGroups } = this.#platform
    for (const entities of [schedules, scheduleGroups, emergencyGroups]) entities.clear()
  }
}
