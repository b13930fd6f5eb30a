/** Which settings the simulated platform has, and their defaults. */
import type { SettingsChange } from '../specs/settings-spec.ts'

/** Every setting of a running simulator, in milliseconds unless the name says otherwise; `talkMs` null: agents never hang up. */
export type Settings = { [K in keyof Required<SettingsChange>]: Exclude<SettingsChange[K], undefined> }

/** The settings that a queue or an agent can override. */
export type Timing = Pick<Settings, 'queueDelayMs' | 'offerDelayMs' | 'alertingTimeoutMs' | 'talkMs' | 'afterCallWorkMs'>

/** The settings of a simulator that is started without options. */
export const defaultSettings: Settings = {
  queueDelayMs: 50,
  offerDelayMs: 100,
  alertingTimeoutMs: 8_000,
  talkMs: null,
  afterCallWorkMs: 100,
  dialMs: 200,
  dialFails: false,
  afterFailedTransfer: 'voicemail',
  latencyMs: 0,
  requestsPerMinute: 300,
  assignmentRequestsPerMinute: null,
  longestAttribute: null,
  tokenLifetimeSeconds: 86_400,
  permissions: 'all',
  heartbeatMs: 30_000,
  eventDelayMs: 0,
  socketBufferBytes: 1_048_576,
}
