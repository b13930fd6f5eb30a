/** The skills, queues, agents and calls of a simulator that is started from the command line. */
import type { SimulatorControl } from './simulator-control.ts'

/** The ids of the default scenario. They are fixed, so that documentation and examples can name them. */
export const defaultScenario = {
  skills: { billing: '5a1e0000-0000-4000-8000-000000000001' },
  queues: {
    support: '9e0e0000-0000-4000-8000-000000000001',
    fallback: '9e0e0000-0000-4000-8000-000000000002',
    unstaffed: '9e0e0000-0000-4000-8000-000000000003',
  },
  agents: {
    'Alex Archer': 'a9e70000-0000-4000-8000-000000000001',
    'Bo Bennett': 'a9e70000-0000-4000-8000-000000000002',
    'Chris Carver': 'a9e70000-0000-4000-8000-000000000003',
  },
  schedules: { everyDay: '5c4e0000-0000-4000-8000-000000000001' },
  scheduleGroups: { officeHours: '06e70000-0000-4000-8000-000000000001' },
  emergencyGroups: { emergency: 'e3e60000-0000-4000-8000-000000000001' },
  /** Calls in the IVR that can be transferred; their ids end in 0001 to 0020. */
  conversations: Array.from({ length: 20 }, (_, index) => `ca110000-0000-4000-8000-0000000000${String(index + 1).padStart(2, '0')}`),
} as const

/**
 * Adds a billing skill, a support and a fallback queue, and calls in the IVR. Of the three agents Alex and Bo have the skill
 * and serve the support queue (Bo declines the first offer), and Chris serves the fallback queue. Nobody serves the third queue, so that a call
 * waits there. The office is always open.
 */
export function loadDefaultScenario(control: SimulatorControl): void {
  const { skills, queues, agents, schedules, scheduleGroups, emergencyGroups, conversations } = defaultScenario
  control.addSkill({ id: skills.billing, name: 'Billing' })
  control.addQueue({ id: queues.support, name: 'Support' })
  control.addQueue({ id: queues.fallback, name: 'Fallback' })
  control.addQueue({ id: queues.unstaffed, name: 'Unstaffed' })
  control.setQueue(queues.support, { estimatedWaitSeconds: 40 })
  control.schedules.addSchedule({
    id: schedules.everyDay,
    name: 'Every day',
    start: '2026-01-01T00:00:00',
    end: '2026-01-02T00:00:00',
    rrule: 'FREQ=DAILY;INTERVAL=1',
  })
  control.schedules.addScheduleGroup({
    id: scheduleGroups.officeHours,
    name: 'Office hours',
    timeZone: 'Europe/Berlin',
    openScheduleIds: [schedules.everyDay],
  })
  control.schedules.addEmergencyGroup({ id: emergencyGroups.emergency, name: 'Emergency' })
  const talkMs = 15_000
  const supportAgent = { skillIds: [skills.billing], queueIds: [queues.support], talkMs }
  control.addAgent({ id: agents['Alex Archer'], name: 'Alex Archer', ...supportAgent, answers: [{ after: 2_000, with: 'pickup' }] })
  control.addAgent({
    id: agents['Bo Bennett'],
    name: 'Bo Bennett',
    ...supportAgent,
    answers: [
      { after: 1_500, with: 'decline' },
      { after: 2_000, with: 'pickup' },
    ],
  })
  control.addAgent({
    id: agents['Chris Carver'],
    name: 'Chris Carver',
    queueIds: [queues.fallback],
    talkMs,
    answers: [{ after: 3_000, with: 'pickup' }],
  })
  for (const id of conversations) control.addConversation({ id, in: 'ivr' })
}
