/** How unknown paths, unknown conversations and unreadable bodies are refused. */
import t from 'tap'
import { startPlatform } from '../test-platform.ts'

t.test(
  'given an unknown path, then the response is 404 not.found with a full ErrorBody, and the request is counted as unknown',
  async (t) => {
    const { request, requestWithoutToken, control } = await startPlatform(t)
    for (const path of ['/conversations/x/participants/y/replace', '/analytics/x', '/users']) {
      t.match(await request('POST', path, {}), {
        status: 404,
        body: { code: 'not.found', status: 404, message: String, contextId: String, details: [], errors: [] },
      })
    }
    t.equal((await requestWithoutToken('GET', '/')).status, 404)
    t.match(control.requests(), { total: 4, counts: { 'POST (unknown)': 3, 'GET (unknown)': 1 } })
  },
)

t.test('given an unknown conversation, then each model answers with its own documented code', async (t) => {
  const { request } = await startPlatform(t)
  t.match(await request('GET', '/conversations/none'), { status: 404, body: { code: 'not.found' } })
  t.match(await request('GET', '/conversations/calls/none'), { status: 404, body: { code: 'conversation.error.conversation.not.found' } })
  t.match(await request('PATCH', '/conversations/none/participants/x/attributes', { attributes: {} }), { status: 404 })
})

t.test('given a malformed body or another content type, then the request is refused with 400 or 415, and counted', async (t) => {
  const { requestWithoutToken, logIn, control } = await startPlatform(t)
  const authorization = `Bearer ${(await logIn()).body.access_token}`
  control.clearRequests()
  const patch = (body: string, type: string) =>
    requestWithoutToken('PATCH', '/api/v2/routing/conversations/x', { body, headers: { authorization, 'content-type': type } })
  t.match(await patch('{"priority":', 'application/json'), { status: 400, body: { code: 'bad.request' } })
  t.match(await patch('priority=1', 'text/plain'), { status: 415, body: { code: 'unsupported.media.type' } })
  t.strictSame(control.requests().counts, { 'PATCH /routing/conversations/{id}': 2 })
})

t.test('given a body that is too large, then the request is refused with 413', async (t) => {
  const { requestWithoutToken } = await startPlatform(t)
  const response = await requestWithoutToken('PATCH', '/api/v2/routing/conversations/x', {
    body: 'x'.repeat(2_000_000),
    headers: { 'content-type': 'application/json' },
  })
  t.match(response, { status: 413, body: { code: 'request.entity.too.large' } })
})
