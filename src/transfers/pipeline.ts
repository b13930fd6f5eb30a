/**
 * Runs one transfer: the checks, then the decision or the command; each result is recorded before the next step
 * (docs/architecture.md#pipeline).
 */
import type { LeaseStore } from '../ledger/contract/lease.ts'
import type { TransferStore } from '../ledger/contract/transfers.ts'
import { Problem } from '../model/problems.ts'
import { isFinal } from '../model/states.ts'
import type { NormalizedTarget } from '../model/target.ts'
import type { TransferRecord } from '../model/transfer.ts'
import { writeAttributes } from './attributes/write-attributes.ts'
import type { RunChecks } from './checks.ts'
import type { CommandRunner } from './command.ts'
import { callerNumberHash, choiceDetail, findingsPatch, type Findings } from './findings.ts'
import { supersedeOlder } from './supersede.ts'
import type { Watcher } from './pickup/watcher.ts'
import type { Recorder } from './recorder.ts'
import type { Reject } from './reject.ts'
import { normalizeTargets } from './request/normalize-target.ts'
import type { CreateStageContext, Rules } from './stage-context.ts'
import { transition, withStoredResponse } from './transition.ts'

export interface PipelineDependencies {
  ledger: Pick<TransferStore, 'findOpenTransfers'> & Pick<LeaseStore, 'currentLease'>
  recorder: Pick<Recorder, 'write'>
  rules: Pick<Rules, 'defaultQueueId' | 'loopSecret' | 'writesLoopGuardAttributes'>
  /** Epoch ms. */
  clock: () => number
  createStageContext: CreateStageContext
  runChecks: RunChecks
  commands: CommandRunner
  watcher: Pick<Watcher, 'subscribe' | 'add' | 'drop' | 'resolveUnknown'>
  reject: Reject
}

/**
 * Runs an accepted transfer until its caller can be answered. From then on the watcher follows the call.
 * @param targets the target in normal form, then the fallbacks; absent for a transfer that an earlier run left, which are normalized here
 * @returns the record from which the caller is answered
 * @throws StaleRecord if another node has taken the transfer over; Problem STORE_UNAVAILABLE if a refusal cannot be recorded now
 */
export type RunTransfer = (record: TransferRecord, targets?: readonly NormalizedTarget[]) => Promise<TransferRecord>

export function createPipeline(dependencies: PipelineDependencies): RunTransfer {
  const { ledger, recorder, rules, clock, createStageContext, runChecks, commands, watcher, reject } = dependencies

  const writeAttributesOf = (record: TransferRecord, { customer }: Findings) =>
    writeAttributes(record, customer, createStageContext(record, record.deadlineAt))

  /**
   * Writes the attributes, which must be there when the flow moves the call, and records the decision. In `decide` mode the flow sets skills
   * and priority itself, so routing counts as done.
   */
  async function decide(record: TransferRecord, findings: Findings): Promise<TransferRecord> {
    const attributes = await writeAttributesOf(record, findings)
    const now = clock()
    const decided = transition(
      record,
      'decided',
      { ...findingsPatch(findings, rules), ...attributes.patch, routing: 'done' },
      {
        stage: 'verification',
        detail: { ...choiceDetail(findings), ...attributes.detail },
        personal: callerNumberHash(findings, rules.loopSecret),
      },
      now,
    )
    const openTransfers = await ledger.findOpenTransfers(record.conversationId)
    // A new decision ends older decisions only: an `initiated` transfer goes on until the flow has moved the call.
    const older = supersedeOlder(record, openTransfers, findings.conversation, now).filter(({ from }) => from === 'decided')
    const written = await recorder.write(withStoredResponse(decided, record), older)
    watcher.add(written)
    return written
  }

  /** Writes the attributes, and commits `executing`. @throws Problem, StaleRecord, StoreUnavailable */
  async function beginCommand(record: TransferRecord, findings: Findings): Promise<TransferRecord> {
    const attributes = await writeAttributesOf(record, findings)
    if (clock() >= record.deadlineAt)
      throw new Problem('EXPIRED', 'The deadline passed before a command was sent to the platform; nothing was done.', {
        stage: 'execution',
      })
    const patch = { ...findingsPatch(findings, rules), ...attributes.patch }
    return commands.begin(record, patch, {
      detail: { ...choiceDetail(findings), ...attributes.detail },
      personal: callerNumberHash(findings, rules.loopSecret),
    })
  }

  return async (record, targets) => {
    let executing: TransferRecord
    let findings: Findings
    const lease = ledger.currentLease()
    try {
      findings = await runChecks(record, targets ?? normalizeTargets(record, rules))
      if (record.mode === 'decide') return await decide(record, findings)
      executing = await beginCommand(record, findings)
    } catch (error) {
      return reject(record, error)
    }
    watcher.subscribe(executing)
    const sent = await commands.send(executing, lease, findings.conversation)
    switch (sent.result) {
      case 'initiated':
        for (const { id } of sent.superseded) watcher.drop(id)
        if (isFinal(sent.record.state)) watcher.drop(sent.record.id)
        else watcher.add(sent.record)
        return sent.record
      case 'unknown':
        return watcher.resolveUnknown(executing)
      case 'refused':
        watcher.drop(executing.id)
        return reject(executing, sent.error)
    }
  }
}
