/** Makes acceptance runs on a simulator, in the process of the test and at a pace that suits it. */
import { createReport, type Report } from '../../src/acceptance/report/report.ts'
import type { Recording } from '../../src/acceptance/recording/recording.ts'
import { runAcceptance } from '../../src/acceptance/run/run-acceptance.ts'
import type { RunOptions, RunPace } from '../../src/acceptance/run/run-context.ts'
import { createPlatformConnection } from '../../src/doctor/platform-connection.ts'
import { startSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/simulator.ts'
import type { AgentSpec } from '../../src/simulator/specs/agent-spec.ts'
import type { TestContext } from '../support/build.ts'
import { setUpIvrCall } from '../support/calls.ts'

export const fastPace: RunPace = { pollIntervalMs: 20, retryPausesMs: [10, 20], unmovedAfterMs: 1_500, shownWithinMs: 1_500 }

export interface RunResult {
  recording: Recording
  report: Report
  /** What was printed, and asked. */
  lines: string[]
  /** What a question was answered with; undefined if it was not. */
  value(id: string): Readonly<Record<string, unknown>> | undefined
  /** Why a question was not answered; undefined if it was. */
  why(id: string): string | undefined
}

export interface TestRun {
  options?: Partial<RunOptions>
  signal?: AbortSignal
  pace?: Partial<RunPace>
  isAgreed?: boolean
  /** Is called with each line that is printed. */
  onLine?: (line: string) => void
}

/** A simulator with a call in the IVR and a queue with one agent. */
export async function startPlatform(t: TestContext, answers?: AgentSpec['answers'], options: SimulatorOptions = {}) {
  const simulator = await startSimulator({ requestsPerMinute: 60_000, ...options })
  t.teardown(() => simulator.close())
  return { simulator, control: simulator.control, ...setUpIvrCall(simulator.control, answers ?? [{ after: 60, with: 'pickup' }]) }
}

/** Makes a run with the options that every run needs, and those of the test. */
export async function runOn(
  { simulator, conversationId, queueId }: { simulator: Simulator; conversationId: string; queueId: string },
  { options = {}, signal = new AbortController().signal, pace = {}, isAgreed = true, onLine = () => {} }: TestRun = {},
): Promise<RunResult> {
  const lines: string[] = []
  const print = (line: string): void => {
    lines.push(line)
    onLine(line)
  }
  const connection = createPlatformConnection({
    clientId: 'handoff-demo',
    clientSecret: 'handoff-demo-secret',
    environment: 'mypurecloud.com',
    gatewayUrl: simulator.url,
  })
  const recording = await runAcceptance({
    connection,
    options: {
      conversationId,
      queueId,
      shouldSendLateCommand: false,
      consultWaitMs: 0,
      pickupWaitMs: 20_000,
      flowWaitMs: 0,
      isReadOnly: false,
      ...options,
    },
    settings: {
      apiUrl: simulator.url,
      isGateway: true,
      requestsPerMinute: 300,
      tokenPoolSize: 1,
      pickupTimeoutMs: 30_000,
      hasAllowedNumbers: false,
    },
    signal,
    print,
    ask: (question) => {
      print(question)
      return Promise.resolve(isAgreed)
    },
    pace: { ...fastPace, ...pace },
  }).finally(() => connection.close())
  const report = createReport(recording)
  const find = (id: string) => report.answers.find((answer) => answer.id === id)
  return {
    recording,
    report,
    lines,
    value(id) {
      const answer = find(id)
      return answer?.status === 'answered' ? answer.value : undefined
    },
    why(id) {
      const answer = find(id)
      return answer?.status === 'unanswered' ? answer.why : undefined
    },
  }
}

/** The value of a setting that follows from a report. */
export const settingOf = ({ settings }: Report, name: string): string | undefined =>
  settings.find((setting) => setting.name === name)?.value
