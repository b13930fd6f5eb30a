/** Carries one transfer through the stages, in order, and records it between them. */
import { setImmediate as turn } from 'node:timers/promises'
import { Problem, type Stage } from '../model/problems.ts'
import { StaleRecord, StoreUnavailable, type Lease, type Ledger } from '../ledger/ledger.ts'
import { execution, UnknownOutcome, writeContext } from './stages/execution.ts'
import { logFields, type StageContext, type Log, type Rules } from './stage-context.ts'
import { numberHash } from './number-hash.ts'
import { placeOf } from './loop-guard.ts'
import { noopObservers, recordStage, type Observers } from './stage-metrics.ts'
import { supersedeOlder } from './pickup/supersede.ts'
import { platformProblem } from './platform-problem.ts'
import { transition, type Detail, type TransitionNotes, type Patch, type Recorder } from './transition.ts'
import { withStoredResponse } from './request/stored-response.ts'
import type { TransferRecord } from '../model/transfer.ts'
import { guardFromLedger, validation, type Validated } from './stages/validation.ts'
import { verification, type Verified } from './stages/verification.ts'
import type { Watcher } from './pickup/watcher.ts'

/** Between tries to read what became of a doubtful write, ms. */
const readingPauseMs = 500

/** What the first two stages found out. */
export type Findings = Validated & Verified

export interface PipelineDependencies {
  ledger: Pick<Ledger, 'openTransfers' | 'lease' | 'transfer'>
  recorder: Recorder
  rules: Rules
  clock: () => number
  wait: (ms: number) => Promise<void>
  log: Log
  createStageContext: (record: TransferRecord, deadline: number) => StageContext
  watch: () => Watcher
  observers?: Observers | undefined
}

export interface Pipeline {
  /** Validation and verification. @throws Problem */
  judge(record: TransferRecord): Promise<Findings>
  /**
   * Carries an accepted transfer until its caller can be answered; what it became tells the answer.
   * @throws StaleRecord when another node has taken it over; Problem STORE_UNAVAILABLE when a refusal cannot be recorded now
   */
  run(record: TransferRecord): Promise<TransferRecord>
  /** Sends the command once more, after proof that the first one did nothing. */
  attemptAgain(record: TransferRecord): Promise<TransferRecord>
}

/** A kept connection is written to in the turn after it was asked for (undici looks first whether it is being closed): until then other work would only stand before it. */
async function readIsOut(): Promise<void> {
  await turn()
  await turn()
}

/** What a judgement adds to a record. */
export const findingsPatch = ({ travels, customer, snapshot, resolvedTarget }: Findings, loopSecret: string): Patch => ({
  resolvedTarget,
  customerId: customer.id,
  snapshot,
  transferDepth: travels.depth + 1,
  transferPath: [...travels.path, placeOf(resolvedTarget, loopSecret)],
  ...((resolvedTarget.type === 'agent' || resolvedTarget.type === 'number') && { routing: 'done' as const }),
})
/** Who calls, as far as the trail may tell. */
function callerOf({ customer }: Findings, secret: string): Record<string, string> {
  const hash = numberHash(customer.calls.find(({ address }) => address !== undefined)?.address ?? '', secret)
  return hash === undefined ? {} : { callerNumber: hash }
}
/** What led to the target: for the audit trail. */
const decision = ({ considered, availabilityAgeMs }: Verified): Detail => ({
  ...(considered.length > 0 && { passedOver: considered.join('; ') }),
  ...(availabilityAgeMs !== null && { availabilityAgeMs: Math.round(availabilityAgeMs) }),
})

/** An error as the refusal it amounts to, where it does. */
export function problemOf(error: unknown): Problem | undefined {
  const told =
    error instanceof StoreUnavailable
      ? new Problem('STORE_UNAVAILABLE', 'The ledger cannot be used; nothing was done.')
      : platformProblem(error, 'execution')
  return told instanceof Problem ? told : undefined
}

export function createPipeline({
  ledger,
  recorder,
  rules,
  clock,
  wait,
  log,
  createStageContext: createStageContext,
  watch,
  observers = noopObservers,
}: PipelineDependencies): Pipeline {
  /** One log line for a stage: what came out and how long it took. */
  async function staged<T>(stage: Stage, record: TransferRecord, work: Promise<T>): Promise<T> {
    const began = clock()
    const facts = (outcome: string) => ({
      ...logFields(record),
      conversationId: record.conversationId,
      stage,
      outcome,
      durationMs: clock() - began,
    })
    try {
      const result = await work
      log.info(facts('passed'), `${stage} passed`)
      recordStage(observers, stage, record, 'passed', began, clock(), false)
      return result
    } catch (error) {
      const outcome = error instanceof Problem ? error.code : error instanceof UnknownOutcome ? 'unknown' : 'error'
      log.info(facts(outcome), `${stage} did not pass`)
      recordStage(observers, stage, record, outcome, began, clock(), true)
      throw error
    }
  }

  /** The first two stages ask at once, so that the caller waits for one round trip; validation's refusal comes first. */
  async function judge(record: TransferRecord): Promise<Findings> {
    const line = createStageContext(record, record.deadlineAt)
    guardFromLedger(record, line)
    const validating = staged('validation', record, validation(record, line))
    // Its refusal is heard below; until then nobody listens.
    validating.catch(() => {})
    await readIsOut()
    if (record.mode === 'execute') line.genesys.prepare()
    const [valid, verified] = await Promise.allSettled([validating, staged('verification', record, verification(record, line))])
    if (valid.status === 'rejected') throw valid.reason
    if (verified.status === 'rejected') throw verified.reason
    return { ...valid.value, ...verified.value }
  }

  async function reject(record: TransferRecord, error: unknown): Promise<TransferRecord> {
    const problem = problemOf(error)
    if (!problem) throw error
    const { code, message, particulars, stage, retryAfterSeconds } = problem
    const refusal = { ...particulars, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) }
    const refuse = (from: TransferRecord) =>
      recorder.writeWithRetry(
        withStoredResponse(transition(from, 'rejected', { code, message, refusal }, { stage: stage ?? 'validation' }, clock())),
      )
    if (code !== 'STORE_UNAVAILABLE') return refuse(record)
    refuse(record)
      .catch((stale: unknown) => (stale instanceof StaleRecord ? refuseKept(record, refuse) : Promise.reject(stale)))
      .catch((late: unknown) => log.warn({ ...logFields(record), reason: (late as Error).message }, 'a refusal was not recorded'))
    throw problem.of(record.id)
  }

  /** The write that failed was kept after all. Its caller was told that nothing was done, so that no command may follow; a decision stands. */
  async function refuseKept(record: TransferRecord, refuse: (from: TransferRecord) => Promise<TransferRecord>): Promise<void> {
    const kept = await insistOnReading(record.id)
    if (kept?.state === 'executing' && kept.fence === record.fence) await refuse(kept)
    else watch().add(record)
  }

  async function insistOnReading(id: string): Promise<TransferRecord | undefined> {
    try {
      return await ledger.transfer(id)
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
      await wait(readingPauseMs)
      return insistOnReading(id)
    }
  }

  /** In `decide` mode the flow moves the call, skills and priority included. */
  async function decide(record: TransferRecord, judgement: Findings): Promise<TransferRecord> {
    const decided = transition(
      record,
      'decided',
      { ...findingsPatch(judgement, rules.loopSecret), routing: 'done' },
      { stage: 'verification', detail: decision(judgement), personal: callerOf(judgement, rules.loopSecret) },
      clock(),
    )
    const older = supersedeOlder(record, await ledger.openTransfers(record.conversationId), judgement.picture, clock()).filter(
      (other) => other.from === 'decided',
    )
    const written = await recorder.write(withStoredResponse(decided), older)
    watch().add(written)
    return written
  }

  /** Commits `executing`: from here on the platform may have been asked. */
  function begin(
    record: TransferRecord,
    patch: Patch = {},
    notes: Pick<TransitionNotes, 'detail' | 'personal'> = {},
  ): Promise<TransferRecord> {
    const attempt = record.attempt + 1
    return recorder.write(
      transition(
        record,
        'executing',
        { ...patch, sentAt: clock(), attempt },
        { ...notes, stage: 'execution', detail: { ...notes.detail, attempt } },
        clock(),
      ),
    )
  }

  /** Sends the command of an `executing` transfer and commits what came of it. */
  async function command(executing: TransferRecord, lease: Lease, picture?: Findings['picture']): Promise<TransferRecord> {
    let correlationId: string | undefined
    watch().expect(executing)
    try {
      correlationId = (
        await staged('execution', executing, execution(executing, createStageContext(executing, executing.deadlineAt), wait, lease))
      ).correlationId
    } catch (error) {
      // A refusal of a further attempt may only mean that the first one has landed after all: the conversation tells.
      const definite = !(error instanceof UnknownOutcome) && executing.attempt === 1
      if (definite || !(error instanceof Error)) {
        watch().drop(executing.id)
        return reject(executing, error)
      }
      log.warn(
        { ...logFields(executing), stage: 'execution', outcome: 'unknown', reason: error.message },
        'it is not known whether the call was moved',
      )
      return watch().settle(executing)
    }
    const now = clock()
    const correlationIds = correlationId ? [...executing.correlationIds, correlationId] : executing.correlationIds
    const initiated = transition(
      executing,
      'initiated',
      { initiatedAt: now, latencyMs: now - executing.receivedAt, correlationIds },
      { stage: 'execution' },
      now,
    )
    // The call has moved: from here on nothing may turn that into a refusal, and it is written down however long that takes.
    const open = await ledger.openTransfers(executing.conversationId).catch(() => [])
    const older = supersedeOlder(executing, open, picture, now)
    const moved = await recorder.writeWithRetry(withStoredResponse(initiated), older)
    for (const { record } of older) watch().drop(record.id)
    watch().add(moved)
    return moved
  }

  return {
    judge,
    async run(record) {
      let executing: TransferRecord
      let picture: Findings['picture']
      const lease = ledger.lease()
      try {
        const judgement = await judge(record)
        if (record.mode === 'decide') return await decide(record, judgement)
        picture = judgement.picture
        const context =
          Object.keys(record.context).length > 0 &&
          (await writeContext(record, judgement.customer.id, createStageContext(record, record.deadlineAt)))
        if (clock() >= record.deadlineAt)
          throw new Problem('EXPIRED', 'The deadline passed before the platform was asked to move the call; nothing was done.', {
            stage: 'execution',
          })
        executing = await begin(record, findingsPatch(judgement, rules.loopSecret), {
          detail: { ...decision(judgement), context },
          personal: callerOf(judgement, rules.loopSecret),
        })
      } catch (error) {
        return reject(record, error)
      }
      return command(executing, lease, picture)
    },
    async attemptAgain(record) {
      const lease = ledger.lease()
      return command(await begin(record), lease)
    },
  }
}
