/** Where requests come in and get their answer by their deadline; what goes on after it is carried and watched here as well. */
import { setTimeout as wait } from 'node:timers/promises'
import { StaleRecord, type Answer, type Ledger } from '../ledger/ledger.ts'
import { Problem } from '../model/problems.ts'
import { createAdmission, type AdmissionTicket } from './request/admission.ts'
import { createPipeline, findingsPatch, problemOf, type PipelineDependencies } from './pipeline.ts'
import type { NormalizedRequest } from './request/normalize-request.ts'
import { logFields } from './stage-context.ts'
import type { Feed } from './pickup/event-subscriptions.ts'
import { numberHash } from './number-hash.ts'
import { createTransferRecord, type Requester } from './request/new-transfer.ts'
import { auditDraft, createRecorder, type Audience } from './transition.ts'
import { hasProgressed, refusalIn, replyTo } from './request/stored-response.ts'
import { operatorSettlement, type Settlement } from './unknown-outcome/operator-settlement.ts'
import { asTransfer, type TransferRecord } from '../model/transfer.ts'
import { isFinal, lockingStates } from '../model/states.ts'
import { createWatcher, type Watcher } from './pickup/watcher.ts'

export interface Reply extends Answer {
  transferId?: string
  /** An earlier request's answer. */
  replayed: boolean
}
export interface TransferServiceDependencies extends Pick<
  PipelineDependencies,
  'rules' | 'clock' | 'log' | 'createStageContext' | 'observers'
> {
  ledger: Ledger
  audience: Audience
  /** Absent: everything is polled. */
  feed?: Feed | undefined
}
export interface TransferService {
  /** Answers a request by its deadline, whatever happens. @throws Problem for every refusal */
  submit(asked: NormalizedRequest, requester: Requester, receivedAt: number): Promise<Reply>
  /** An operator settles an indeterminate transfer. @throws Problem when there is none, or it is not indeterminate */
  settle(id: string, to: Settlement, reason: string, by: string): Promise<TransferRecord>
  /** Goes on with transfers whose owner is gone, or that were left by an earlier run. */
  resume(records: TransferRecord[]): void
  /** Transfers under watch. */
  readonly watching: number
  /** Transfers whose callers wait for an answer. */
  readonly underWay: number
  /** Requests under way beyond which more are refused. */
  readonly limit: number
  /** Waits for what is under way, then stops. */
  close(): Promise<void>
}

/** Requests under way at once, whatever is known of how fast they are answered. */
const mostUnderWay = 2_000
/** Conversations whose requests are known to be repetitions: more than can be under way, since a repetition may come after the answer. */
const mostRemembered = 2 * mostUnderWay
/** Between a transfer's deadline and the answer that it is not known yet, ms: time for the pipeline to notice by itself. */
const graceMs = 250
/** How often another node's transfer is looked up by those who wait for its answer, ms. */
const joinedPauseMs = 100

const inProgress = ({ id, state }: TransferRecord): Problem =>
  new Problem('TRANSFER_IN_PROGRESS', `Transfer ${id} of this conversation is ${state}.`, { transferId: id, retryAfterSeconds: 2 })

export function createTransferService(dependencies: TransferServiceDependencies): TransferService {
  const { ledger, rules, clock, log, audience } = dependencies
  const recorder = createRecorder(ledger, audience, wait)
  const carriage = createPipeline({ ...dependencies, recorder, wait, watch: () => watch })
  const watch: Watcher = createWatcher({ ...dependencies, recorder, attemptAgain: (record) => carriage.attemptAgain(record) })
  const underWay = new Map<string, Promise<Reply>>()
  const admission = createAdmission(clock)
  /** Conversations that were carried here lately, the oldest first. */
  const lately = new Set<string>()

  /**
   * Lets a request in. What repeats or joins a transfer of this node's is known by its conversation, costs next to nothing, and must not
   * hear that nothing was done; what another node has carried, or this one long ago, could be told apart by the ledger only, and comes
   * again after Retry-After like everybody else.
   * @throws Problem OVERLOADED; nothing was written or asked by then
   */
  function admitted({ conversationId, mode, deadlineMs = rules.deadlineMs }: NormalizedRequest, receivedAt: number): AdmissionTicket {
    const many = Math.max(underWay.size, admission.underWay)
    if (many >= mostUnderWay) throw new Problem('OVERLOADED', `${many} requests are under way.`)
    const deadlineAt = receivedAt + deadlineMs
    const refused = mode !== 'dryRun' && lately.has(conversationId) ? undefined : admission.refusal(deadlineAt)
    if (refused) throw refused
    return admission.enter(receivedAt, deadlineAt)
  }

  /** The same answer that a later request with the key gets. @throws Problem where the record amounts to a refusal */
  async function replyOf(record: TransferRecord): Promise<Reply> {
    const refused = refusalIn(record)
    if (refused) throw refused
    const stored = hasProgressed(record) ? await ledger.answerOf(record.id).catch(() => undefined) : undefined
    return { ...(stored ?? replyTo(record)), transferId: record.id, replayed: false }
  }

  /** The caller's answer: what became of the transfer, or at its deadline what is known by then. */
  async function answered(record: TransferRecord): Promise<Reply> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<TransferRecord | undefined>((told) => {
      const look = (): void => told(ledger.transfer(record.id).catch(() => undefined))
      timer = setTimeout(look, Math.max(0, record.deadlineAt - clock()) + graceMs)
    })
    try {
      return await replyOf((await Promise.race([carriage.run(record), late])) ?? { ...record, state: 'executing' })
    } catch (error) {
      if (!(error instanceof StaleRecord)) throw error
      // Another node has taken the transfer over, or a write of ours was kept although the store did not say so: what is there counts.
      if (!watch.has(record.id)) watch.add(record)
      return foundOut(record)
    } finally {
      clearTimeout(timer)
    }
  }

  function start(record: TransferRecord): Promise<Reply> {
    const reply = answered(record).finally(() => underWay.delete(record.id))
    reply.catch((error: unknown) => error instanceof Problem || log.error({ ...logFields(record), err: error }, 'a transfer went wrong'))
    underWay.set(record.id, reply)
    lately.delete(record.conversationId)
    lately.add(record.conversationId)
    const [oldest] = lately
    if (oldest !== undefined && lately.size > mostRemembered) lately.delete(oldest)
    return reply
  }

  /** The answer of a transfer that somebody else is carrying: joined here, found out from the ledger elsewhere. */
  async function joined(record: TransferRecord): Promise<Reply> {
    const here = underWay.get(record.id)
    return { ...(await (here ?? foundOut(record))), replayed: true }
  }

  async function foundOut(record: TransferRecord): Promise<Reply> {
    let now = record
    while ((now.state === 'accepted' || now.state === 'executing') && clock() < now.deadlineAt) {
      await wait(joinedPauseMs)
      now = (await ledger.transfer(record.id)) ?? now
    }
    return replyOf(now)
  }

  /** The key's transfer has no answer yet: it is running, or its outcome is not known. */
  function stillRunning(record: TransferRecord): Problem {
    const unknown = clock() < record.deadlineAt ? undefined : refusalIn(record)
    return unknown ?? new Problem('IDEMPOTENCY_KEY_IN_USE', `Transfer ${record.id} is ${record.state}.`, { transferId: record.id })
  }

  async function opened(asked: NormalizedRequest, requester: Requester, receivedAt: number, visit: AdmissionTicket): Promise<Reply> {
    const record = createTransferRecord(asked, requester, receivedAt, asked.deadlineMs ?? rules.deadlineMs, clock())
    const answer = await ledger.open({
      record,
      identity: asked.identity,
      audit: {
        ...auditDraft(record, 'accepted', 'validation', {
          targetType: asked.target.type,
          priority: asked.priority,
          ...asked.origin,
        }),
        ...(asked.target.type === 'number' && { personal: { targetNumber: String(numberHash(asked.target.address, rules.loopSecret)) } }),
      },
      ...(asked.key !== undefined && { key: { caller: requester.id, key: asked.key, fingerprint: asked.fingerprint } }),
    })
    switch (answer.outcome) {
      case 'accepted':
        visit.markProcessed()
        return start(answer.record)
      case 'replayed':
        return { ...answer.answer, transferId: answer.transferId, replayed: true }
      case 'same':
        return joined(answer.record)
      case 'locked':
        throw inProgress(answer.record)
      case 'running':
        throw stillRunning(answer.record)
      case 'reused':
        throw new Problem('IDEMPOTENCY_KEY_REUSED', 'This idempotency key was used for another request.', { transferId: answer.transferId })
    }
  }

  /** Nothing of it is written, and nothing but reads is asked of the platform. */
  async function dryRun(asked: NormalizedRequest, requester: Requester, receivedAt: number, visit: AdmissionTicket): Promise<Reply> {
    const busy = (await ledger.openTransfers(asked.conversationId)).find(({ state }) => lockingStates.includes(state))
    if (busy) throw inProgress(busy)
    visit.markProcessed()
    const before = await ledger.lastMoved(asked.conversationId)
    const record = {
      ...createTransferRecord(asked, requester, receivedAt, asked.deadlineMs ?? rules.deadlineMs, clock()),
      transferDepth: (before?.transferDepth ?? 0) + 1,
      transferPath: before?.transferPath ?? [],
    }
    const { id: _, ...transfer } = asTransfer({
      ...record,
      ...findingsPatch(await carriage.judge(record), rules.loopSecret),
      state: 'decided',
    })
    return { status: 200, body: JSON.stringify(transfer), replayed: false }
  }

  return {
    async submit(asked, requester, receivedAt) {
      const visit = admitted(asked, receivedAt)
      try {
        return await (asked.mode === 'dryRun' ? dryRun : opened)(asked, requester, receivedAt, visit)
      } catch (error) {
        throw problemOf(error) ?? error
      } finally {
        visit.release()
      }
    },
    async settle(id, to, reason, by) {
      try {
        const record = await ledger.transfer(id)
        if (!record) throw new Problem('INVALID_REQUEST', `There is no transfer ${id}.`, { status: 404 })
        if (!(await recorder.forceWrite(operatorSettlement(record, to, reason, by, clock()))))
          throw new Problem('GENESYS_CONFLICT', `Transfer ${id} was settled meanwhile.`, { transferId: id })
        const settled = (await ledger.transfer(id)) ?? record
        watch.drop(id)
        if (!isFinal(settled.state)) watch.add(settled)
        return settled
      } catch (error) {
        throw problemOf(error) ?? error
      }
    },
    resume(records) {
      for (const record of records) {
        if (underWay.has(record.id) || watch.has(record.id)) continue
        if (record.state === 'accepted') start(record).catch(() => {})
        else watch.add(record)
      }
    },
    get watching() {
      return watch.size
    },
    get underWay() {
      return underWay.size
    },
    get limit() {
      return Math.min(mostUnderWay, admission.limit(rules.deadlineMs))
    },
    async close() {
      await Promise.allSettled(underWay.values())
      await watch.close()
    },
  }
}
