/** What the steps of a run share: what it is about, how fast it goes, and how it talks to the user. */
import type { SelectProxy } from '../../outbound/proxy-selector.ts'
import type { Recorder } from '../recording/recorder.ts'
import type { Redactor } from '../recording/redactor.ts'

/** What the user asks for. */
export interface RunOptions {
  conversationId: string
  queueId: string
  /** The agent to whom the queue is to offer the call first. */
  agentId?: string
  /** The queue to which the call is moved while it rings at an agent. */
  secondQueueId?: string
  /** Whether a command is sent as soon as an agent has picked up. */
  shouldSendLateCommand: boolean
  /** The number of a callback that is created; in E.164 form. */
  callbackNumber?: string
  /** How long the run waits for the agent's consult; 0: not at all. */
  consultWaitMs: number
  pickupWaitMs: number
  /** How long the run waits for the flow to move the call itself, if the platform does not take the call from the flow. */
  flowWaitMs: number
  isReadOnly: boolean
}

/** The settings of this installation that matter here. */
export interface RunSettings {
  /** The address of the API. */
  apiUrl: string
  isGateway: boolean
  requestsPerMinute: number
  tokenPoolSize: number
  pickupTimeoutMs: number
  hasAllowedNumbers: boolean
  selectProxy?: SelectProxy | undefined
}

/** How fast a run goes, ms. */
export interface RunPace {
  pollIntervalMs: number
  /** The pauses before a failed read is repeated. */
  retryPausesMs: readonly number[]
  /** A call that has not moved by then is not going to. */
  unmovedAfterMs: number
  /** Something that was written and does not show by then is not going to. */
  shownWithinMs: number
}

export interface RunContext {
  options: RunOptions
  settings: RunSettings
  recorder: Recorder
  redactor: Redactor
  signal: AbortSignal
  pace: RunPace
  print: (line: string) => void
  /** Asks the user for a yes or a no. */
  ask: (question: string) => Promise<boolean>
}
