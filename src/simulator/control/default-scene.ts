import type { Scene } from './scene.ts'

/** The ids of the scene that a simulator started alone begins with; fixed, so that examples can name them. */
export const DEFAULT_SCENE = {
  skills: { billing: '5a1e0000-0000-4000-8000-000000000001' },
  queues: { support: '9e0e0000-0000-4000-8000-000000000001', fallback: '9e0e0000-0000-4000-8000-000000000002' },
  agents: {
    'Alex Archer': 'a9e70000-0000-4000-8000-000000000001',
    'Bo Bennett': 'a9e70000-0000-4000-8000-000000000002',
    'Chris Carver': 'a9e70000-0000-4000-8000-000000000003',
  },
  /** Calls that wait in the IVR, to be tried with: …0001 to …0020. */
  conversations: Array.from({ length: 20 }, (_, n) => `ca110000-0000-4000-8000-0000000000${String(n + 1).padStart(2, '0')}`),
} as const

/** A billing skill, a support and a fallback queue, three agents (two who know billing, one who serves the fallback), and calls in the IVR. */
export function setDefaultScene(scene: Scene): void {
  const { skills, queues, agents, conversations } = DEFAULT_SCENE
  scene.addSkill({ id: skills.billing, name: 'Billing' })
  scene.addQueue({ id: queues.support, name: 'Support' })
  scene.addQueue({ id: queues.fallback, name: 'Fallback' })
  const talkMs = 15_000
  const skilled = { skillIds: [skills.billing], queueIds: [queues.support], talkMs }
  scene.addAgent({ id: agents['Alex Archer'], name: 'Alex Archer', ...skilled, answers: [{ after: 2_000, with: 'pickup' }] })
  scene.addAgent({
    id: agents['Bo Bennett'],
    name: 'Bo Bennett',
    ...skilled,
    answers: [
      { after: 1_500, with: 'decline' },
      { after: 2_000, with: 'pickup' },
    ],
  })
  scene.addAgent({
    id: agents['Chris Carver'],
    name: 'Chris Carver',
    queueIds: [queues.fallback],
    talkMs,
    answers: [{ after: 3_000, with: 'pickup' }],
  })
  for (const id of conversations) scene.addConversation({ id, in: 'ivr' })
}
