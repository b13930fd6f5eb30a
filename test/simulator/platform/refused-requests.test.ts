import t from 'tap'
import { stage } from '../stage.ts'

t.test('given a path that the stand-in does not know, then 404 not.found as a full ErrorBody, counted as unknown', async (t) => {
  const { ask, knock, scene } = await stage(t)
  for (const path of ['/conversations/x/participants/y/replace', '/analytics/x', '/users']) {
    t.match(await ask('POST', path, {}), {
      status: 404,
      body: { code: 'not.found', status: 404, message: String, contextId: String, details: [], errors: [] },
    })
  }
  t.equal((await knock('GET', '/')).status, 404)
  t.match(scene.calls(), { total: 4, counts: { 'POST (unknown)': 3, 'GET (unknown)': 1 } })
})

t.test('given an unknown conversation, then each model has its own documented code', async (t) => {
  const { ask } = await stage(t)
  t.match(await ask('GET', '/conversations/none'), { status: 404, body: { code: 'not.found' } })
  t.match(await ask('GET', '/conversations/calls/none'), { status: 404, body: { code: 'conversation.error.conversation.not.found' } })
  t.match(await ask('PATCH', '/conversations/none/participants/x/attributes', { attributes: {} }), { status: 404 })
})

t.test('given a malformed body or another content type, then 400 or 415, and the request is counted', async (t) => {
  const { knock, logIn, scene } = await stage(t)
  const authorization = `Bearer ${(await logIn()).body.access_token}`
  scene.clearCalls()
  const patch = (body: string, type: string) =>
    knock('PATCH', '/api/v2/routing/conversations/x', { body, headers: { authorization, 'content-type': type } })
  t.match(await patch('{"priority":', 'application/json'), { status: 400, body: { code: 'bad.request' } })
  t.match(await patch('priority=1', 'text/plain'), { status: 415, body: { code: 'unsupported.media.type' } })
  t.strictSame(scene.calls().counts, { 'PATCH /routing/conversations/{id}': 2 })
})

t.test('given a body beyond all measure, then 413', async (t) => {
  const { knock } = await stage(t)
  const heard = await knock('PATCH', '/api/v2/routing/conversations/x', {
    body: 'x'.repeat(2_000_000),
    headers: { 'content-type': 'application/json' },
  })
  t.match(heard, { status: 413, body: { code: 'request.entity.too.large' } })
})
