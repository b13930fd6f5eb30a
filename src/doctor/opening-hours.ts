/** Whether a schedule group can be read and evaluated, and whether it is open now, as a condition of a target would see it. */
import { createConditionDirectory } from '../genesys/condition-directory.ts'
import type { ConditionReads } from '../genesys/condition-reads.ts'
import { parseEmergencyGroup, parseEstimatedWait, parseScheduleGroup, parseScheduleResponse } from '../genesys/condition-responses.ts'
import { GenesysError, type GenesysReason } from '../genesys/http/errors.ts'
import { epochMs } from '../model/clock.ts'
import { createFailure, createPass, createWarning, type CheckResult } from './check-result.ts'
import type { PlatformConnection } from './platform-connection.ts'

const reasonByStatus: Readonly<Record<number, GenesysReason>> = { 403: 'forbidden', 404: 'not_found', 429: 'rate_limited' }

/** The reads of a condition over the connection of the doctor. */
function createReads(connection: PlatformConnection): ConditionReads {
  const read = async <T>(path: string, parse: (value: unknown) => T | undefined): Promise<T> => {
    const { status, body } = await connection.request('GET', path)
    const value = status === 200 ? parse(body) : undefined
    if (value !== undefined) return value
    const reason = status === 200 ? 'malformed' : (reasonByStatus[status] ?? 'unavailable')
    throw new GenesysError({ operation: `GET ${path}`, reason, effect: 'none', status })
  }
  const idPath = (folder: string, id: string): string => `/architect/${folder}/${encodeURIComponent(id)}`
  return {
    scheduleGroup: (id) => read(idPath('schedulegroups', id), parseScheduleGroup),
    schedule: (id) => read(idPath('schedules', id), parseScheduleResponse),
    emergencyGroup: (id) => read(idPath('emergencygroups', id), parseEmergencyGroup),
    estimatedWait: (id) => read(`/routing/queues/${encodeURIComponent(id)}/mediatypes/call/estimatedwaittime`, parseEstimatedWait),
  }
}

/** Evaluates a schedule group as of now. @param id the schedule group */
export async function checkScheduleGroup(connection: PlatformConnection, id: string): Promise<CheckResult> {
  const check = `--schedule-group ${id}`
  try {
    const directory = createConditionDirectory(createReads(connection))
    const { isOpen, reason, opensAt } = await directory.openHours({ scheduleGroupId: id }, { deadline: epochMs() + 30_000 })
    if (isOpen) return createPass(check, 'it is open now.')
    if (opensAt !== undefined) return createPass(check, `it is closed now (${reason}), and opens at ${opensAt}.`)
    return createWarning(check, `it is closed now (${reason}), and does not open within 400 days.`, 'check its schedules and their rules.')
  } catch (error) {
    if (!(error instanceof GenesysError)) throw error
    if (error.reason === 'not_found')
      return createFailure(
        check,
        'the platform has no such schedule group, or does not show it.',
        'check the id, and the divisions of the role.',
      )
    return createFailure(check, `it could not be evaluated: ${error.message}.`, 'check the permissions above, its time zone and its rules.')
  }
}
