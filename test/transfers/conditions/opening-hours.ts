/** Puts schedule groups that are open, closed or on holiday into the simulator, and finds the audit entries of a transfer. */
import type { Simulator } from '../../../src/simulator/simulator.ts'
import type { TestSystem } from '../../support/test-system.ts'

type Control = Simulator['control']

const dayMs = 86_400_000
const today = Math.floor(Date.now() / dayMs) * dayMs
/** Midnight in UTC, `days` days after the day on which the test began, as the platform writes local times: without a time zone. */
export const midnight = (days: number): string => new Date(today + days * dayMs).toISOString().slice(0, 19)

/** Adds a schedule of the whole day, every day: it applies whenever the test runs. @returns its ID */
const addEveryDay = (control: Control): string =>
  control.schedules.addSchedule({ start: '2024-01-01T00:00:00', end: '2024-01-02T00:00:00', rrule: 'FREQ=DAILY;INTERVAL=1' }).id

/** Adds a schedule group that is always open. @returns its ID */
export const addOpenGroup = (control: Control): string => control.schedules.addScheduleGroup({ openScheduleIds: [addEveryDay(control)] }).id

/** Adds a schedule group that is closed now. It opens in two days if `opensLater`, otherwise never. @returns its ID */
export function addClosedGroup(control: Control, { opensLater = true } = {}): string {
  const { id } = control.schedules.addSchedule(
    opensLater ? { start: midnight(2), end: midnight(3) } : { start: midnight(-2), end: midnight(-1) },
  )
  return control.schedules.addScheduleGroup({ openScheduleIds: [id] }).id
}

/**
 * Adds a schedule group that is open every day, with a holiday since yesterday.
 * @param endsInDays the holiday ends at `midnight(endsInDays)`; at least 2, because a test may run past midnight
 * @returns its ID
 */
export function addHolidayGroup(control: Control, endsInDays: number): string {
  const holiday = control.schedules.addSchedule({ start: midnight(-1), end: midnight(endsInDays) })
  return control.schedules.addScheduleGroup({ openScheduleIds: [addEveryDay(control)], holidayScheduleIds: [holiday.id] }).id
}

/** The first audit entry of a transfer with this status; undefined if there is none. */
export async function findAuditEntry({ request }: Pick<TestSystem, 'request'>, transferId: string, status: string) {
  interface Trail {
    entries: Array<{ status: string; detail: Record<string, unknown> }>
  }
  const { entries } = (await request<Trail>('GET', `/v1/transfers/${transferId}/audit`)).body
  return entries.find((entry) => entry.status === status)
}
