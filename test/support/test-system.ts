/** The whole system on loopback, or only what the service talks to: simulator, CRM and service, started for a test and stopped after it. */
import type { AppOverrides } from '../../src/app.ts'
import { startSimulator, type Simulator } from '../../src/simulator/simulator.ts'
import type { Rules } from '../../src/transfers/stage-context.ts'
import type { TestContext } from './build.ts'
import { createPlatformClient, type PlatformClient } from './platform-client.ts'
import { startService, type Service } from './service.ts'
import { testSettings } from './settings.ts'
import { startTestCrm, type TestCrm } from './test-crm.ts'

export interface TestSystem extends Service {
  simulator: Simulator
  /** The control API of the simulator. */
  control: Simulator['control']
  crm: TestCrm
  /** Reads a conversation as the platform returns it. */
  getConversation: PlatformClient['getConversation']
}

/** Starts what a service talks to: a simulator and a CRM. */
export async function startPlatformAndCrm(t: TestContext): Promise<Pick<TestSystem, 'simulator' | 'crm'>> {
  const simulator = await startSimulator({ requestsPerMinute: 60_000 })
  const crm = await startTestCrm()
  t.teardown(async () => {
    await simulator.close()
    await crm.close()
  })
  return { simulator, crm }
}

/**
 * Starts a simulator, a CRM and a service that uses both.
 * @param settings environment variables that replace those of `testSettings`
 */
export async function startTestSystem(
  t: TestContext,
  settings: Record<string, string> = {},
  rules: Partial<Rules> = {},
  overrides: AppOverrides = {},
): Promise<TestSystem> {
  const { simulator, crm } = await startPlatformAndCrm(t)
  const service = await startService(t, { ...testSettings(simulator.url, crm.url), ...settings }, rules, overrides)
  const { getConversation } = createPlatformClient(simulator.url)
  return { ...service, simulator, control: simulator.control, crm, getConversation }
}
