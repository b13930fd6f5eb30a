/** What is read from the bodies of error responses. */
import fc from 'fast-check'
import t from 'tap'
import { readErrorBody } from '../../../src/genesys/http/error-body.ts'

t.test('given a 403, then the missing permissions are read wherever the body names them', async (t) => {
  const permission = 'conversation:communication:blindTransfer'
  for (const body of [
    { code: 'missing.permissions', message: `You are missing the following permission(s): ${permission}` },
    { code: 'missing.any.permissions', messageParams: { permissions: `[${permission}]` } },
    { code: 'not.authorized', details: [{ errorCode: 'x', fieldName: permission }] },
  ])
    t.same(readErrorBody(JSON.stringify(body)).missingPermissions, [permission])
  t.same(readErrorBody(JSON.stringify({ message: 'Requires any of: routing:queue:view, routing:queueMember:manage' })).missingPermissions, [
    'routing:queue:view',
    'routing:queueMember:manage',
  ])
})

t.test('given a body that is no error document, then nothing is read from it', async (t) => {
  for (const body of ['', '<html>502</html>', '[]', 'null', '"x"', '{"code":"broken']) t.same(readErrorBody(body), {})
  t.doesNotThrow(() => fc.assert(fc.property(fc.string(), (text) => typeof readErrorBody(text) === 'object')))
})
