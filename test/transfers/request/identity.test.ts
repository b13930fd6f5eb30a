/** The normal form of a request: its targets, the hashes that earlier versions stored, and the field that a refusal names. */
import t from 'tap'
import type { Target } from '../../../src/model/target-schema.ts'
import { normalizeRequest } from '../../../src/transfers/request/normalize-request.ts'

/** An id in mixed case, so that hashes of ids as written differ from those of ids in normal form. */
const id = (last: number): string => `8C2F1A54-3d6b-4f0e-9a71-00000000000${last}`
const rules = { defaultQueueId: id(9), fallbackQueueId: undefined }

/** Targets, with the hashes of a request for each as version 0.1.0 stored them. */
const stored: Array<[target: Target, writtenFingerprint: string, identity: string]> = [
  [
    { type: 'agent', userId: id(1) },
    'df85fe7a7c6cc1368d1e77b0f7b7ebd7cad5ff9c8ea6704d340f0a5b4c1588a8',
    'ee95076aa542ca4582154dbef970250c5398ac29265e2e186749a696715e1f25',
  ],
  [
    { type: 'queue', queueId: id(2), skillIds: [id(4), id(3)], languageId: id(5) },
    '503222757442432fb08c92094ef39421cb9d7f6d4546f2d5b8e14e937527412e',
    'feb8b041d09f9db0817aba25f4d2ca2ce889078ae9f49d28a55189099200820d',
  ],
  [
    { type: 'queue', queueId: id(2) },
    '6d1ae51cc3751573387fc81bbc58becad76fb4f8826985ae9fcc5d22f5060e8f',
    '2df5852185394a50b18c478cc686374ff57be6406caa9ebfa109b5bebb898179',
  ],
  [
    { type: 'skill', skillId: id(3) },
    'cee9d613ec18e62d0b53d386683719e897af3b65bcc45193323500ec00cb0335',
    '43de68976cdf1e863139794ffc215534e31a121652d8a0c0e1e03117a4e0d62a',
  ],
  [
    { type: 'number', address: '+49301234567' },
    'f37c9d2a71fff288818155aeba43cb09130881457654a60e950564bc36351f24',
    '119298512bba4f17822f8e1f0817ab33e1455cb7e7299d3e8a9392c8493527fc',
  ],
]

t.test('given requests whose hashes an earlier version stored, then their repeats have the same hashes', async (t) => {
  for (const [target, writtenFingerprint, identity] of stored)
    t.match(
      normalizeRequest(
        { conversationId: id(0), target, mode: 'decide', idempotencyKey: 'k', context: { b: 'x', a: 'y' } },
        { traceparent: '' },
        rules,
      ),
      { writtenFingerprint, identity },
      JSON.stringify(target),
    )
})

t.test('given a request, then its targets are in normal form, the target first', async (t) => {
  const { targets } = normalizeRequest(
    {
      conversationId: id(0),
      target: { type: 'skill', skillIds: [id(4), id(3), id(4)] },
      fallback: [{ type: 'agent', userId: id(1) }],
    },
    { traceparent: '' },
    rules,
  )
  t.strictSame(targets, [
    { type: 'skill', queueId: id(9).toLowerCase(), skillIds: [id(3).toLowerCase(), id(4).toLowerCase()] },
    { type: 'agent', userId: id(1).toLowerCase() },
  ])
})

t.test('given a request that lacks a field or contradicts itself, then the refusal names the field', async (t) => {
  const target: Target = { type: 'agent', userId: id(1) }
  for (const [field, request, key] of [
    ['target.skillId', { target: { type: 'skill' } }],
    ['target.skillId', { target: { type: 'skill', skillId: id(3), skillIds: [id(3)] } }],
    ['fallback[1].skillId', { target, fallback: [target, { type: 'skill' }] }],
    ['context.transferDepth', { target, context: { transferDepth: '0' } }],
    ['idempotencyKey', { target, idempotencyKey: 'a' }, 'b'],
    ['Idempotency-Key', { target }, 'with space'],
  ] as Array<[string, { target: Target; fallback?: Target[] }, string?]>)
    t.throws(
      () => normalizeRequest({ conversationId: id(0), ...request }, { traceparent: '', key }, rules),
      { code: 'INVALID_REQUEST', extensions: { field } },
      field,
    )
  t.throws(
    () =>
      normalizeRequest(
        { conversationId: id(0), target: { type: 'skill', skillId: id(3) } },
        { traceparent: '' },
        { defaultQueueId: undefined, fallbackQueueId: undefined },
      ),
    {
      code: 'INVALID_REQUEST',
      extensions: { field: 'target.queueId' },
    },
  )
})
