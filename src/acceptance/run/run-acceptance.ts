/** The steps of an acceptance run, in order, and how a run ends. */
import type { PlatformConnection } from '../../doctor/platform-connection.ts'
import { GenesysError } from '../../genesys/http/errors.ts'
import { unmovedLimitMs } from '../../transfers/hops/observe.ts'
import { createRecorder } from '../recording/recorder.ts'
import type { Recording } from '../recording/recording.ts'
import { createRedactor, type Redactor } from '../recording/redactor.ts'
import { RunStopped } from '../recording/run-stopped.ts'
import { awaitPickup } from './await-pickup.ts'
import { createCallWatch, requireHolder, type CallWatch } from './call-watch.ts'
import { createCallback } from './create-callback.ts'
import { describePlan } from './describe-plan.ts'
import { listen } from './listen.ts'
import { moveCall } from './move-call.ts'
import { probeAttributes } from './probe-attributes.ts'
import { readDirectory, readOrganization } from './read-organization.ts'
import type { RunContext, RunOptions, RunPace, RunSettings } from './run-context.ts'
import { watchConsult } from './watch-consult.ts'

/** 120 reads a minute, which leaves room under the limit of 300 for everything else that uses the token. */
const defaultPace: RunPace = {
  pollIntervalMs: 500,
  retryPausesMs: [500, 2_000],
  unmovedAfterMs: unmovedLimitMs,
  shownWithinMs: 3_000,
}

export interface RunRequest extends Pick<RunContext, 'print' | 'ask'> {
  connection: PlatformConnection
  options: RunOptions
  settings: RunSettings
  /** When it aborts, the run stops before its next request. */
  signal: AbortSignal
  pace?: Partial<RunPace>
}

const subjectsOf = ({ conversationId, queueId, agentId, secondQueueId }: RunOptions, { id }: Redactor): Recording['subjects'] => ({
  conversationId: id(conversationId),
  queueId: id(queueId),
  ...(agentId !== undefined && { agentId: id(agentId) }),
  ...(secondQueueId !== undefined && { secondQueueId: id(secondQueueId) }),
})

/**
 * Makes a run. Never rejects because of the platform: what was found out until then is in the recording.
 * @returns the recording, from which `createReport` makes the report
 */
export async function runAcceptance({ connection, options, settings, signal, print, ask, pace = {} }: RunRequest): Promise<Recording> {
  const redactor = createRedactor()
  const fullPace = { ...defaultPace, ...pace }
  const recorder = createRecorder({ connection, redactor, signal, retryPausesMs: fullPace.retryPausesMs })
  const context: RunContext = { options, settings, recorder, redactor, signal, print, ask, pace: fullPace }
  const startedAt = new Date().toISOString()
  const subjects = subjectsOf(options, redactor)
  const watch = createCallWatch(context)
  const end = await runSteps(context, watch).catch((error: unknown): Recording['end'] => {
    if (error instanceof RunStopped) return { outcome: error.outcome, reason: error.message }
    if (error instanceof GenesysError) return { outcome: 'stopped', reason: `the platform fails: ${error.message}` }
    throw error
  })
  await readLast(context, connection)
  return {
    version: 1,
    startedAt,
    subjects,
    settings: { requestsPerMinute: settings.requestsPerMinute, pickupTimeoutMs: settings.pickupTimeoutMs },
    pollIntervalMs: fullPace.pollIntervalMs,
    entries: recorder.entries,
    end,
  }
}

async function runSteps(context: RunContext, watch: CallWatch): Promise<Recording['end']> {
  const { recorder, options, print, ask } = context
  print('Reading the organization …')
  await recorder.connection.login()
  const { canTransfer } = await readOrganization(context)
  await readDirectory(context)
  print('Reading the call …')
  recorder.step = 'call'
  requireHolder(await watch.read())
  if (options.isReadOnly) return { outcome: 'read_only' }
  if (!canTransfer) throw new RunStopped('not_moved', 'the OAuth client lacks a permission that every transfer needs')
  for (const line of describePlan(options)) print(line)
  if (!(await ask('Go on?'))) return { outcome: 'declined', reason: 'the user did not agree' }

  const close = await listen(context, (body) => watch.onEvent(body))
  try {
    print('Writing attributes …')
    await probeAttributes(context, watch)
    print('Moving the call …')
    if (await moveCall(context, watch)) {
      print('Waiting for an agent …')
      if (await awaitPickup(context, watch)) await watchConsult(context, watch)
    }
    await createCallback(context, watch)
    return { outcome: 'complete' }
  } finally {
    close()
  }
}

/** Reads the call once more, so that the report can say where it is; also when the user has interrupted the run. */
async function readLast({ recorder, options, redactor, pace }: RunContext, connection: PlatformConnection): Promise<void> {
  const last = createRecorder({ connection, redactor, signal: new AbortController().signal, retryPausesMs: pace.retryPausesMs })
  const beganAt = recorder.now()
  last.step = 'end'
  await last.read('GET', `/conversations/${options.conversationId}`).catch((error: unknown) => {
    if (!(error instanceof RunStopped)) throw error
  })
  for (const entry of last.entries) recorder.entries.push({ ...entry, atMs: beganAt + entry.atMs })
}
