/** Stored responses are repeated byte for byte, even those of an earlier version. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import type { StoredResponse } from '../../src/ledger/contract/idempotency.ts'
import { refusalCodes, stages } from '../../src/model/problems.ts'
import { completeRecord, type TransferRecord } from '../../src/model/transfer.ts'
import { responseCodec } from '../../src/routes/transfer-response.ts'
import { outcomeOf } from '../../src/transfers/request/outcome.ts'
import { createTestRecord } from '../support/transfer-record.ts'

/** Records and the responses that version 0.1.0 stored for them. */
const stored = JSON.parse(readFileSync(new URL('stored-responses.json', import.meta.url), 'utf8')) as Array<{
  record: TransferRecord
  response: StoredResponse
}>
const isRefusal = ({ response }: { response: StoredResponse }): boolean => response.status >= 400

t.test('given responses that an earlier version stored, when they are read and written again, then no byte changes', async (t) => {
  for (const { record, response } of stored)
    t.strictSame(responseCodec.encode(responseCodec.decode(response)), response, `${record.state} ${record.code}`)
})

t.test(
  'given records of an earlier version, when they are answered, then transfers have the same fields and new ones, and only the titles of refusals may differ',
  async (t) => {
    for (const entry of stored) {
      const { status, body } = responseCodec.encode(outcomeOf(completeRecord(entry.record)))
      if (!isRefusal(entry))
        t.match({ status, body: JSON.parse(body) as object }, { ...entry.response, body: JSON.parse(entry.response.body) as object })
      else {
        const { title: _title, ...details } = JSON.parse(body) as Record<string, unknown>
        const { title: _oldTitle, ...oldDetails } = JSON.parse(entry.response.body) as Record<string, unknown>
        t.strictSame({ status, details }, { status: entry.response.status, details: oldDetails })
      }
    }
  },
)

const text = fc.string({ unit: 'binary', maxLength: 40 })
const orAbsent = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
/** Problem details as any version may have written them, whatever its titles and statuses were. */
const storedRefusal: fc.Arbitrary<StoredResponse> = fc
  .record({
    type: text,
    title: text,
    status: fc.integer({ min: 400, max: 599 }),
    detail: text,
    code: fc.constantFrom(...refusalCodes),
    stage: orAbsent(fc.constantFrom(...stages)),
    retryable: fc.boolean(),
    field: orAbsent(text),
    transferId: orAbsent(fc.uuid()),
    retryAfterSeconds: orAbsent(fc.nat(600)),
    platformCode: orAbsent(text),
    correlationId: orAbsent(fc.uuid()),
    permissions: orAbsent(fc.array(text, { maxLength: 3 })),
    memberOfALaterVersion: orAbsent(text),
  })
  .map((details) => ({ status: details.status, body: JSON.stringify(details) }))

t.test('given any stored refusal, when it is read and written again, then no byte changes', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(storedRefusal, (response) => {
        const { status, body } = responseCodec.encode(responseCodec.decode(response))
        return status === response.status && body === response.body
      }),
    ),
  )
})

t.test('given any transfer, when its response is stored, read and written again, then no byte changes', async (t) => {
  const record = fc
    .record({
      mode: fc.constantFrom('execute' as const, 'decide' as const),
      message: fc.option(text),
      priority: fc.integer(),
      transferPath: fc.array(text, { maxLength: 4 }),
      latencyMs: fc.option(fc.nat()),
      correlationIds: fc.array(text, { maxLength: 3 }),
    })
    .map((fields) => createTestRecord({ ...fields, state: 'initiated', initiatedAt: 1 }))
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(record, (transfer) => {
        const response = responseCodec.encode(outcomeOf(transfer))
        return response.status === 202 && responseCodec.encode(responseCodec.decode(response)).body === response.body
      }),
    ),
  )
})

t.test('given a stored refusal, when it is read, then it is a problem with all its extensions', async (t) => {
  const refusal = stored.find(({ record }) => record.code === 'PERMISSION_MISSING')
  const outcome = responseCodec.decode(refusal?.response ?? { status: 0, body: '' })
  t.match('problem' in outcome && outcome.problem, {
    code: 'PERMISSION_MISSING',
    retryable: false,
    stage: 'execution',
    extensions: { transferId: refusal?.record.id, permissions: ['a', 'b'], platformCode: 'missing.permissions', correlationId: 'c-2' },
  })
})

t.test('given a dry run, when it is answered, then the status is 200, because nothing was accepted', async (t) => {
  // A dry run ends as `decided`. In `decide` mode, that state is answered with 202, because the transfer goes on.
  t.equal(responseCodec.encode(outcomeOf(createTestRecord({ mode: 'dryRun', state: 'decided' }))).status, 200)
})
