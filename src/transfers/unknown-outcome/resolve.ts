/** Settles a transfer whose command may or may not have been acted on: looks, and records what the look proves (design §5.4). */
import { Problem } from '../../model/problems.ts'
import { logFields, type StageContext, type Log, type Rules } from '../stage-context.ts'
import { judgeUnknownOutcome, type Evidence } from './evidence.ts'
import { transition, type Recorder } from '../transition.ts'
import { withStoredResponse } from '../request/stored-response.ts'
import type { TransferRecord } from '../../model/transfer.ts'
import { look } from '../stages/validation.ts'

/** After this long without proof an unknown outcome is called indeterminate, ms; looking goes on. */
const unknownForMs = 45_000
/** Attempts of a command: a further one only after proof that the one before did nothing. */
const mostAttempts = 2
/** How many times the settling time is waited for before "nothing was done" is said, when no further attempt can follow. */
const unhurried = 3
const stage = 'execution'

export interface ResolverDependencies {
  recorder: Recorder
  rules: Pick<Rules, 'settleMs'>
  clock: () => number
  log: Log
  attemptAgain: (record: TransferRecord) => Promise<TransferRecord>
}

/** One look. The record as it is afterwards: unchanged while nothing is proved. */
export type ResolveUnknownOutcome = (record: TransferRecord, line: StageContext, unknownSince: number) => Promise<TransferRecord>

export function createResolver({ recorder, rules, clock, log, attemptAgain }: ResolverDependencies): ResolveUnknownOutcome {
  const mayTryAgain = ({ state, attempt, deadlineAt }: TransferRecord): boolean =>
    state === 'executing' && attempt < mostAttempts && clock() < deadlineAt

  async function findingOf(record: TransferRecord, line: StageContext, since: number, patience: number): Promise<Evidence> {
    try {
      return judgeUnknownOutcome(record, await look(record, line, stage), since, patience)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return { found: 'unclear' }
    }
  }

  async function notExecuted(record: TransferRecord, ended: boolean, again: boolean, now: number): Promise<TransferRecord> {
    if (!ended && again) return attemptAgain(record)
    const why = ended
      ? ({ code: 'CONVERSATION_ENDED', message: 'The caller hung up before the platform moved the call.' } as const)
      : ({ code: 'EXPIRED', message: 'The platform did not move the call, and the deadline has passed; nothing was done.' } as const)
    return recorder.writeWithRetry(withStoredResponse(transition(record, 'rejected', why, { stage }, now)))
  }

  async function indeterminate(record: TransferRecord, now: number): Promise<TransferRecord> {
    log.error({ ...logFields(record), stage, outcome: 'indeterminate', alert: true }, 'nobody knows whether the call was moved')
    return recorder.writeWithRetry(
      transition(
        record,
        'indeterminate',
        { code: 'OUTCOME_UNKNOWN', message: 'The platform does not tell whether it moved the call.' },
        { stage },
        now,
      ),
    )
  }

  return async (record, line, unknownSince) => {
    const since = clock() - unknownSince
    const again = mayTryAgain(record)
    // Where nothing can be gained by haste, a command that is under way has longer to land.
    const finding = await findingOf(record, line, since, again ? rules.settleMs : rules.settleMs * unhurried)
    const now = clock()
    switch (finding.found) {
      case 'moved':
        return recorder.writeWithRetry(
          withStoredResponse(
            transition(
              record,
              'initiated',
              { initiatedAt: now, latencyMs: now - record.receivedAt, code: null, message: null },
              { stage, detail: { via: 'reconciliation' } },
              now,
            ),
          ),
        )
      case 'failed':
        return recorder.writeWithRetry(
          withStoredResponse(
            transition(
              record,
              'failed',
              { code: 'TRANSFER_FAILED', message: `The transfer did not happen: ${finding.why}.` },
              { stage },
              now,
            ),
          ),
        )
      case 'not_executed':
        return notExecuted(record, finding.ended, again, now)
      case 'unclear':
        return record.state === 'executing' && since > unknownForMs ? indeterminate(record, now) : record
    }
  }
}
