/** How schedules, schedule groups, emergency groups and estimated waits are read over HTTP. */
import { PlatformError } from '../model/platform-error.ts'
import { createEmergencyGroupView, createEstimatedWaitView, createScheduleGroupView, createScheduleView } from '../views/schedule-view.ts'
import { findEntity } from './find-entity.ts'
import type { Operation, OperationContext, PlatformRequest, PlatformResponse } from './operation.ts'

const mediaTypes = ['all', 'call', 'callback', 'chat', 'email', 'socialexpression', 'videocomm', 'message']

/** Only calls have an estimate; other media have none. */
function getEstimatedWait({ platform }: OperationContext, { params }: PlatformRequest): PlatformResponse {
  const { estimatedWaitSeconds } = findEntity(platform.queues, params['queueId'])
  const mediaType = params['mediaType']?.toLowerCase() ?? ''
  if (!mediaTypes.includes(mediaType)) throw new PlatformError('invalid.value', { values: [mediaType, 'MediaType', mediaTypes.join(', ')] })
  return { status: 200, body: createEstimatedWaitView(mediaType, mediaType === 'call' ? estimatedWaitSeconds : null) }
}

/** The operations that say when the contact center is open, and how long callers wait (docs/genesys-cloud.md rules 95 and 96). */
export const scheduleOperations: readonly Operation[] = [
  {
    method: 'GET',
    path: '/architect/schedules/:scheduleId',
    requires: { anyOf: ['routing:schedule:view'] },
    handle: ({ platform }, { params }) => ({
      status: 200,
      body: createScheduleView(findEntity(platform.schedules, params['scheduleId'])),
    }),
  },
  {
    method: 'GET',
    path: '/architect/schedulegroups/:scheduleGroupId',
    requires: { anyOf: ['routing:scheduleGroup:view'] },
    handle: ({ platform }, { params }) => ({
      status: 200,
      body: createScheduleGroupView(platform, findEntity(platform.scheduleGroups, params['scheduleGroupId'])),
    }),
  },
  {
    method: 'GET',
    path: '/architect/emergencygroups/:emergencyGroupId',
    requires: { anyOf: ['routing:emergencyGroup:view'] },
    handle: ({ platform }, { params }) => ({
      status: 200,
      body: createEmergencyGroupView(findEntity(platform.emergencyGroups, params['emergencyGroupId'])),
    }),
  },
  {
    method: 'GET',
    path: '/routing/queues/:queueId/mediatypes/:mediaType/estimatedwaittime',
    requires: { allOf: ['routing:queue:view'] },
    isAssignment: true,
    handle: getEstimatedWait,
  },
]
