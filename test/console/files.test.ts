/** The files of the console as the service sends them: allowed to load nothing from elsewhere, small, and nothing beside them. */
import t from 'tap'
import { startTestSystem } from '../support/test-system.ts'

t.test('given the console, when its address is requested, then the page is sent with its own policy', async (t) => {
  const { url } = await startTestSystem(t)
  const redirect = await fetch(`${url}/console`, { redirect: 'manual' })
  t.strictSame([redirect.status, redirect.headers.get('location')], [302, 'console/'], 'relative, for proxies that add a path')
  const page = await fetch(`${url}/console/`)
  t.equal(page.status, 200)
  const policy = page.headers.get('content-security-policy') ?? ''
  t.match(policy, /^default-src 'none'; script-src 'self' 'sha256-[^']+'; style-src 'self'; img-src 'self'; connect-src 'self';/)
  t.notMatch(policy, /unsafe|https?:|\*/)
  t.equal(page.headers.get('x-content-type-options'), 'nosniff')
  t.equal(page.headers.get('referrer-policy'), 'no-referrer')
  const tag = page.headers.get('etag') ?? ''
  const again = await fetch(`${url}/console/`, { headers: { 'if-none-match': tag } })
  t.equal(again.status, 304, 'a browser that has it gets no second copy')
})

t.test('given the page, when everything that it and its modules name is requested, then it is there, under 200 kB in all', async (t) => {
  const { url } = await startTestSystem(t)
  const html = await (await fetch(`${url}/console/`)).text()
  const listNamed = (text: string, pattern: RegExp, base: string): string[] =>
    [...text.matchAll(pattern)].map(([, address = '']) => new URL(address, base).href)
  // What is named by a file that is added is added, too.
  const addresses = new Set(listNamed(html, /"(\.\/[^"]+)"/g, `${url}/console/`))
  let size = html.length
  for (const address of addresses) {
    const response = await fetch(address)
    t.equal(response.status, 200, address)
    const text = await response.text()
    size += Buffer.byteLength(text)
    for (const named of listNamed(text, /(?: from |import\()'(\.[^']+)'/g, address)) addresses.add(named)
  }
  for (const view of ['live', 'search', 'transfer', 'bulk']) t.ok(addresses.has(`${url}/console/views/${view}.js`), view)
  t.ok(addresses.size > 50, `${addresses.size} files`)
  t.ok(size < 200_000, `${size} bytes`)
})

t.test('given an address below /console/ that is no file of the console, then there is nothing', async (t) => {
  const { url } = await startTestSystem(t)
  for (const address of ['nothing.js', '..%2f..%2fpackage.json', '%2e%2e/app.ts', 'index.html', 'views', 'packages/other.js'])
    t.equal((await fetch(`${url}/console/${address}`)).status, 404, address)
})

t.test('given CONSOLE=off, then there is no console', async (t) => {
  const { url } = await startTestSystem(t, { CONSOLE: 'off' })
  t.strictSame([(await fetch(`${url}/console`)).status, (await fetch(`${url}/console/`)).status], [404, 404])
})
