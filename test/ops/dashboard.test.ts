/** The Grafana dashboard and the Prometheus alerts in ops/ use only metrics that exist, and the dashboard can be imported. */
import { readFileSync } from 'node:fs'
import { Registry } from '@prometheus-io/client'
import t from 'tap'
import { defineMetrics } from '../../src/telemetry/metrics.ts'

const read = (file: string): string => readFileSync(new URL(`../../ops/${file}`, import.meta.url), 'utf8')
const dashboard = JSON.parse(read('grafana-dashboard.json')) as {
  uid: string
  schemaVersion: number
  templating: { list: Array<{ name: string; type: string }> }
  panels: Array<{ id: number; type: string; gridPos: { x: number; y: number; w: number; h: number }; targets?: Array<{ expr: string }> }>
}
const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
const alerts = [...read('prometheus-alerts.yaml').matchAll(/expr: (.*)/g)].map(([, expr]) => String(expr))
const registry = new Registry()
defineMetrics(registry)
/** The metric names that a scrape returns: a histogram has three of them. */
const definedNames = new Set(
  registry
    .getMetricsAsArray()
    .flatMap(({ name, ...metric }) => ('buckets' in metric ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name])),
)
const usedMetrics = (expr: string): string[] => [...expr.matchAll(/\bhandoff_\w+/g)].map(([name]) => name)

t.test('given the dashboard and the alerts, then every metric that they use exists', async (t) => {
  t.ok(expressions.length > 30 && alerts.length >= 6, 'the expressions were found in the files')
  for (const name of [...expressions, ...alerts].flatMap(usedMetrics)) t.ok(definedNames.has(name), name)
})

t.test('given every metric, then the dashboard shows it', async (t) => {
  const shown = new Set(expressions.flatMap(usedMetrics).map((name) => name.replace(/_bucket$/, '')))
  for (const { name } of registry.getMetricsAsArray()) t.ok(shown.has(name), name)
})

t.test('given each expression of the dashboard and the alerts, then its brackets and quotes are balanced', async (t) => {
  for (const expr of [...expressions, ...alerts]) {
    const withoutStrings = expr.replaceAll(/"[^"]*"/g, '""')
    for (const [open, close] of ['()', '{}', '[]'])
      t.equal(withoutStrings.split(String(open)).length, withoutStrings.split(String(close)).length, expr)
    t.equal(withoutStrings.split('"').length % 2, 1, expr)
  }
})

t.test('given the dashboard, then it can be imported: it has a data source to choose, and no two panels overlap', async (t) => {
  t.match(dashboard, { uid: 'handoff', schemaVersion: Number, templating: { list: [{ name: 'datasource', type: 'datasource' }] } })
  t.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length)
  const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`),
  )
  t.equal(new Set(cells).size, cells.length)
  t.ok(
    dashboard.panels.every(({ gridPos: { x, w } }) => x + w <= 24),
    "every panel is within Grafana's 24 columns",
  )
})
