/** The ledger compared with a model: random requests, changes, repeats and stale writes in one conversation must have the same results in both. */
import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import { StaleRecord } from '../../../src/ledger/contract/errors.ts'
import type { Ledger } from '../../../src/ledger/contract/ledger.ts'
import type { Change, OpenResult } from '../../../src/ledger/contract/transfers.ts'
import { isFinal, states, transitions, type State } from '../../../src/model/states.ts'
import type { TransferRecord } from '../../../src/model/transfer.ts'
import { annotate } from '../../../src/transfers/transition.ts'
import type { DeclareBehavior } from '../conformance.ts'
import { createChange, createConversationId, isTrailSound, readStatuses, requestTransfer, toChange } from '../fixtures.ts'

interface ModelTransfer {
  record: TransferRecord
  identity: string
  /** The statuses of its audit entries. */
  statuses: string[]
}
/** The rules of one conversation, written once more without a database. */
interface Model {
  conversationId: string
  transfers: ModelTransfer[]
  /** Ids of transfers by idempotency key. */
  keys: Map<string, string>
  lastChange: Change | undefined
}

const isLocking = (state: State): boolean => ['accepted', 'executing', 'indeterminate'].includes(state)
/** Whether the call has been moved, or a callback stands for the move. */
const hasPlaceOnPath = ({ initiatedAt, state }: TransferRecord): boolean => initiatedAt !== null || state === 'callback_created'
const isOpen = ({ state, lateWatch }: TransferRecord): boolean => !isFinal(state) || lateWatch

function predictOutcome(model: Model, key: string | undefined, identity: string): { outcome: OpenResult['outcome']; id?: string } {
  const usedBy = key === undefined ? undefined : model.keys.get(key)
  if (usedBy) return { outcome: 'running', id: usedBy }
  const newestFirst = model.transfers.toReversed()
  const same =
    key === undefined &&
    newestFirst.find((transfer) => transfer.identity === identity && isOpen(transfer.record) && transfer.record.state !== 'timeout')
  if (same) return { outcome: 'same', id: same.record.id }
  const locked = newestFirst.find(({ record }) => isLocking(record.state))
  return locked ? { outcome: 'locked', id: locked.record.id } : { outcome: 'accepted' }
}

type OpenStep = { kind: 'open'; key: string | undefined; identity: string }
type WriteStep = { kind: 'move' | 'annotate' | 'stale'; transferIndex: number; stateIndex: number }
type Step = OpenStep | WriteStep | { kind: 'repeat' }

const index = fc.nat({ max: 9 })
const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('open' as const),
    key: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
    identity: fc.constantFrom('x', 'y'),
  }),
  { arbitrary: fc.record({ kind: fc.constant('move' as const), transferIndex: index, stateIndex: index }), weight: 3 },
  fc.record({ kind: fc.constantFrom('annotate' as const, 'stale' as const), transferIndex: index, stateIndex: index }),
  fc.record({ kind: fc.constant('repeat' as const) }),
)

/** The state that a step chooses, among those that the table of transitions allows and that no lock on the conversation forbids. */
function chooseState(model: Model, { state, id }: TransferRecord, stateIndex: number): State | undefined {
  const isLockedByOther = model.transfers.some(({ record }) => record.id !== id && isLocking(record.state))
  const allowed = transitions[state].filter((next) => !(isLockedByOther && isLocking(next)))
  return allowed[stateIndex % allowed.length]
}

/** @returns how a write ended; an error other than StaleRecord is returned as it is */
const writeOutcome = (write: Promise<void>): Promise<unknown> =>
  write.then(
    () => 'written',
    (error: unknown) => (error instanceof StaleRecord ? 'stale' : error),
  )

async function openStep(ledger: Ledger, model: Model, { key, identity }: OpenStep): Promise<void> {
  const { conversationId } = model
  const expected = predictOutcome(model, key, identity)
  const result = await requestTransfer(ledger, conversationId, key && `${key} of ${conversationId}`, { identity })
  deepStrictEqual({ outcome: result.outcome, ...('record' in result && expected.id && { id: result.record.id }) }, expected, 'opening')
  if (result.outcome !== 'accepted') return
  const { record } = result
  const lastMoved = model.transfers.findLast((transfer) => hasPlaceOnPath(transfer.record))?.record
  deepStrictEqual(
    [record.transferDepth, record.transferPath],
    [(lastMoved?.transferDepth ?? 0) + 1, lastMoved?.transferPath ?? []],
    'depth and path',
  )
  model.transfers.push({ record, identity, statuses: ['accepted'] })
  if (key !== undefined) model.keys.set(key, record.id)
}

/** Writes the last change again: it counts as written only while its record is still the stored one. */
async function repeatStep(ledger: Ledger, { lastChange, transfers }: Model): Promise<void> {
  if (!lastChange) return
  const isStored = transfers.some(({ record }) => record === lastChange.record)
  deepStrictEqual(await writeOutcome(ledger.writeChange(lastChange)), isStored ? 'written' : 'stale', 'repeat')
}

/** Writes a change whose expected state is not the stored one. */
async function staleStep(ledger: Ledger, { record }: ModelTransfer, { stateIndex }: WriteStep): Promise<void> {
  const wrongState = states[stateIndex] ?? 'accepted'
  if (wrongState === record.state) return
  const { audit } = annotate(record, {}, 'must not be written')
  const change = { record: { ...record, bounces: -1 }, from: wrongState, audit } as Change
  deepStrictEqual(await writeOutcome(ledger.writeChange(change)), 'stale', 'a wrong state')
}

async function writeStep(ledger: Ledger, model: Model, step: WriteStep, stepNumber: number): Promise<void> {
  const transfer = model.transfers[step.transferIndex % Math.max(1, model.transfers.length)]
  if (!transfer) return
  if (step.kind === 'stale') return staleStep(ledger, transfer, step)
  const { record } = transfer
  const to = chooseState(model, record, step.stateIndex)
  if (step.kind === 'move' && !to) return
  const change =
    step.kind === 'annotate' || !to
      ? toChange(annotate(record, { bounces: stepNumber + 1 }, 'bounced'))
      : createChange(record, to, {
          attempt: stepNumber,
          ...(to === 'initiated' && { initiatedAt: stepNumber + 1, transferPath: [...record.transferPath, `place ${stepNumber}`] }),
          ...(to === 'timeout' && { lateWatch: stepNumber % 2 === 0 }),
        })
  await ledger.writeChange(change)
  transfer.record = change.record
  transfer.statuses.push(String(change.audit?.status))
  model.lastChange = change
}

async function compareWithModel(ledger: Ledger, { conversationId, transfers }: Model): Promise<void> {
  for (const { record, statuses } of transfers) {
    deepStrictEqual(await ledger.findTransfer(record.id), record, 'the record')
    deepStrictEqual(await readStatuses(ledger, record.id), statuses, 'its audit trail')
  }
  deepStrictEqual(
    (await ledger.findOpenTransfers(conversationId)).map(({ id }) => id),
    transfers
      .map(({ record }) => record)
      .filter(isOpen)
      .map(({ id }) => id),
    'open transfers',
  )
}

async function runSteps(ledger: Ledger, steps: Step[]): Promise<void> {
  const model: Model = { conversationId: createConversationId(), transfers: [], keys: new Map(), lastChange: undefined }
  for (const [stepNumber, step] of steps.entries()) {
    if (step.kind === 'open') await openStep(ledger, model, step)
    else if (step.kind === 'repeat') await repeatStep(ledger, model)
    else await writeStep(ledger, model, step, stepNumber)
  }
  await compareWithModel(ledger, model)
}

export function testStateMachine(given: DeclareBehavior): void {
  given(
    'any sequence of requests, changes, annotations, repeats and stale writes, then the ledger does what the rules say',
    async (t, open) => {
      const ledger = await open()
      await fc.assert(
        fc.asyncProperty(fc.array(stepArbitrary, { minLength: 4, maxLength: 30 }), (steps) => runSteps(ledger, steps)),
        { numRuns: 40 },
      )
      t.ok(await isTrailSound(ledger), 'the audit chain is sound')
    },
  )
}
