/** The documents are made once, however many clients request them, and whichever prefix a proxy has removed. */
import { test } from 'tap'
import { build } from '../support/build.ts'
import { testSettings } from '../support/settings.ts'

test('given many requests for a document, then it is generated once, and all of them get the same', async (t) => {
  const { app } = await build(t, { ...testSettings('http://127.0.0.1:9'), TRUST_PROXY: '127.0.0.1' })
  const generate = app.swagger.bind(app)
  let generated = 0
  app.swagger = ((...options: Parameters<typeof generate>) => {
    generated += 1
    return generate(...options)
  }) as typeof app.swagger
  for (const url of ['/docs/json', '/openapi.yaml']) {
    const bodies = await Promise.all(Array.from({ length: 20 }, async () => (await app.inject({ url })).body))
    t.equal(new Set(bodies).size, 1)
    t.ok(String(bodies[0]).length > 10_000, url)
  }
  t.equal(generated, 2, 'once as JSON and once as YAML')
  for (const prefix of ['/handoff', '/other', '/handoff'])
    for (const url of ['/docs/json', '/openapi.yaml']) {
      const { body } = await app.inject({ url, headers: { 'x-forwarded-prefix': prefix } })
      const addresses = [...body.matchAll(/"?(?:url|tokenUrl)"?: ?"?([^\s"]+)/g)].map(([, address]) => address)
      t.strictSame(new Set(addresses), new Set([prefix, `${prefix}/oauth/token`]), `${url} has the addresses behind ${prefix}`)
    }
  t.equal(generated, 2, 'and not again behind a proxy that removes a prefix')
})
