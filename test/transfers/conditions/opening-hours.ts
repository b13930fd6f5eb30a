/** Puts schedules into the simulator, and reads what the service recorded about them. */
import type { Simulator } from '../../../src/simulator/simulator.ts'
import type { TestSystem } from '../../support/test-system.ts'

type Control = Simulator['control']

const dayMs = 86_400_000
const today = Math.floor(Date.now() / dayMs) * dayMs
/** Midnight in UTC, so many days from the day on which the test began, as the platform writes local times. */
export const midnight = (days: number): string => new Date(today + days * dayMs).toISOString().slice(0, 19)

/** A schedule of the whole day, every day: it applies now, whenever the test runs. */
const addEveryDay = (control: Control): string =>
  control.schedules.addSchedule({ start: '2024-01-01T00:00:00', end: '2024-01-02T00:00:00', rrule: 'FREQ=DAILY;INTERVAL=1' }).id

/** A schedule group that is open at any time. */
export const addOpenGroup = (control: Control): string => control.schedules.addScheduleGroup({ openScheduleIds: [addEveryDay(control)] }).id

/** A schedule group that has no schedule for now. It opens in two days if `opensLater`, else never. */
export function addClosedGroup(control: Control, { opensLater = true } = {}): string {
  const { id } = control.schedules.addSchedule(
    opensLater ? { start: midnight(2), end: midnight(3) } : { start: midnight(-2), end: midnight(-1) },
  )
  return control.schedules.addScheduleGroup({ openScheduleIds: [id] }).id
}

/** A schedule group that is open every day by its rule, and has a holiday from yesterday until the midnight that is so many days away, at least two. */
export function addHolidayGroup(control: Control, endsInDays: number): string {
  const holiday = control.schedules.addSchedule({ start: midnight(-1), end: midnight(endsInDays) })
  return control.schedules.addScheduleGroup({ openScheduleIds: [addEveryDay(control)], holidayScheduleIds: [holiday.id] }).id
}

/** The audit entry with this status. */
export async function findAuditEntry({ request }: Pick<TestSystem, 'request'>, transferId: string, status: string) {
  interface Trail {
    entries: Array<{ status: string; detail: Record<string, unknown> }>
  }
  const { entries } = (await request<Trail>('GET', `/v1/transfers/${transferId}/audit`)).body
  return entries.find((entry) => entry.status === status)
}
