import { deepStrictEqual as same } from 'node:assert/strict'
import fc from 'fast-check'
import { StaleRecord, type Change, type Ledger, type Opened } from '../../../src/ledger/ledger.ts'
import { annotate } from '../../../src/transfers/transition.ts'
import { type TransferRecord } from '../../../src/model/transfer.ts'
import { isFinal, moves, states, type State } from '../../../src/model/states.ts'
import { aRecord } from '../../support/record.ts'
import type { Given } from '../conformance.ts'
import { change, conversation, opening, sound, statuses } from '../scene.ts'

/** The rules of one conversation, written down once more without a database. */
interface Model {
  transfers: Array<{ record: TransferRecord; identity: string; trail: string[] }>
  keys: Map<string, string>
  last: Change | undefined
}
const locks = (state: State): boolean => ['accepted', 'executing', 'indeterminate'].includes(state)
const isOpen = ({ state, lateWatch }: TransferRecord): boolean => !isFinal(state) || lateWatch

function expected(model: Model, key: string | undefined, identity: string): { outcome: Opened['outcome']; of?: string } {
  const used = key === undefined ? undefined : model.keys.get(key)
  if (used) return { outcome: 'running', of: used }
  const newest = model.transfers.toReversed()
  const same = key === undefined && newest.find((one) => one.identity === identity && isOpen(one.record) && one.record.state !== 'timeout')
  if (same) return { outcome: 'same', of: same.record.id }
  const locked = newest.find(({ record }) => locks(record.state))
  return locked ? { outcome: 'locked', of: locked.record.id } : { outcome: 'accepted' }
}

type Step =
  | { does: 'open'; key: string | undefined; identity: string }
  | { does: 'move' | 'amend' | 'stale'; which: number; to: number }
  | { does: 'repeat' }
const index = fc.nat({ max: 9 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    does: fc.constant('open' as const),
    key: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
    identity: fc.constantFrom('x', 'y'),
  }),
  { arbitrary: fc.record({ does: fc.constant('move' as const), which: index, to: index }), weight: 3 },
  fc.record({ does: fc.constantFrom('amend' as const, 'stale' as const), which: index, to: index }),
  fc.record({ does: fc.constant('repeat' as const) }),
)
/** The state a step asks for, of those that the table of moves allows and the lock on the conversation does not forbid. */
function target(model: Model, { state, id }: TransferRecord, to: number): State | undefined {
  const held = model.transfers.some(({ record }) => record.id !== id && locks(record.state))
  const allowed = moves[state].filter((next) => !(held && locks(next)))
  return allowed[to % allowed.length]
}

async function walk(ledger: Ledger, steps: Step[]): Promise<void> {
  const conversationId = conversation()
  const model: Model = { transfers: [], keys: new Map(), last: undefined }
  const write = async (one: Model['transfers'][number], written: Change): Promise<void> => {
    await ledger.record(written)
    one.record = written.record
    one.trail.push(String(written.audit?.status))
    model.last = written
  }
  for (const [place, asked] of steps.entries()) {
    if (asked.does === 'open') {
      const wanted = expected(model, asked.key, asked.identity)
      const opened = await ledger.open(
        opening(aRecord({ conversationId }), asked.key && `${asked.key} of ${conversationId}`, { identity: asked.identity }),
      )
      same({ outcome: opened.outcome, ...('record' in opened && wanted.of && { of: opened.record.id }) }, wanted, 'opening')
      if (opened.outcome !== 'accepted') continue
      const before = model.transfers.findLast(({ record }) => record.initiatedAt !== null)?.record
      same(
        [opened.record.transferDepth, opened.record.transferPath],
        [(before?.transferDepth ?? 0) + 1, before?.transferPath ?? []],
        'depth and path',
      )
      model.transfers.push({ record: opened.record, identity: asked.identity, trail: ['accepted'] })
      if (asked.key !== undefined) model.keys.set(asked.key, opened.record.id)
    } else if (asked.does === 'repeat') {
      // Only what is still there word for word; what was written over is stale.
      if (model.last) {
        const there = model.transfers.some(({ record }) => record === model.last?.record)
        same(
          await ledger.record(model.last).then(
            () => 'written',
            (error: unknown) => (error instanceof StaleRecord ? 'stale' : error),
          ),
          there ? 'written' : 'stale',
          'repetition',
        )
      }
    } else {
      const one = model.transfers[asked.which % Math.max(1, model.transfers.length)]
      if (!one) continue
      const to = target(model, one.record, asked.to)
      if (asked.does === 'amend') await write(one, annotate(one.record, { bounces: place + 1 }, 'bounced'))
      else if (asked.does === 'stale') {
        const wrong = states[asked.to] ?? 'accepted'
        const attempt = { record: { ...one.record, bounces: -1 }, from: wrong, audit: annotate(one.record, {}, 'never').audit } as Change
        if (wrong !== one.record.state)
          same(
            await ledger.record(attempt).then(
              () => 'written',
              (error: unknown) => error instanceof StaleRecord,
            ),
            true,
            'a wrong state',
          )
      } else if (to)
        await write(
          one,
          change(one.record, to, {
            attempt: place,
            ...(to === 'initiated' && { initiatedAt: place + 1, transferPath: [...one.record.transferPath, `place ${place}`] }),
            ...(to === 'timeout' && { lateWatch: place % 2 === 0 }),
          }),
        )
    }
  }
  for (const { record, trail } of model.transfers) {
    same(await ledger.transfer(record.id), record, 'the record')
    same(await statuses(ledger, record.id), trail, 'its audit trail')
  }
  same(
    (await ledger.openTransfers(conversationId)).map(({ id }) => id),
    model.transfers
      .map(({ record }) => record)
      .filter(isOpen)
      .map(({ id }) => id),
    'what is open',
  )
}

export function stateMachine(given: Given): void {
  given(
    'any sequence of requests, moves, amendments, repetitions and stale writes, then the ledger does what the rules say',
    async (t, open) => {
      const ledger = await open()
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 30 }), (steps) => walk(ledger, steps)),
        { numRuns: 40 },
      )
      t.ok(await sound(ledger), 'the audit chain holds')
    },
  )
}
