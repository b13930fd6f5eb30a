/** docs/simulator.md lists exactly the routes of the control API. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { startSimulator } from '../../../src/simulator/simulator.ts'

t.test('given the control API, then docs/simulator.md names each of its routes and no other', async (t) => {
  const simulator = await startSimulator()
  t.teardown(() => simulator.close())
  const { routes } = (await (await fetch(`${simulator.url}/_simulator`)).json()) as { routes: Record<string, string> }
  const documented = [...readFileSync('docs/simulator.md', 'utf8').matchAll(/^\| `((?:GET|POST|PATCH|DELETE) [^`]+)` +\|/gm)].map(
    ([, route]) => route,
  )
  t.strictSame(documented, Object.keys(routes))
})
