/** The alerts of ops/prometheus-alerts.yaml fire when they should, and a running service publishes every metric that they name. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { parse } from 'yaml'
import { startTestSystem } from '../support/test-system.ts'
import { alertCases, type AlertCase } from './alert-cases.ts'

interface Rule {
  alert: string
  expr: string
  labels: { severity: string }
  annotations: { summary: string }
}
const file = fileURLToPath(new URL('../../ops/prometheus-alerts.yaml', import.meta.url))
const { groups } = parse(readFileSync(file, 'utf8')) as { groups: Array<{ rules: Rule[] }> }
const rules = groups.flatMap((group) => group.rules)

const runPromtool = (...args: string[]) => spawnSync('promtool', args, { encoding: 'utf8' })
const skip = runPromtool('--version').error !== undefined && 'promtool is not installed (Debian package prometheus)'

t.test('given the alerts, then each has a case in which it must fire, a severity and a summary', async (t) => {
  t.strictSame(alertCases.map(({ alert }) => alert).toSorted(), rules.map(({ alert }) => alert).toSorted())
  for (const { alert, labels, annotations } of rules) {
    t.match(labels.severity, /^(critical|warning)$/, alert)
    t.match(annotations.summary, /^[^]{40,}\.$/, alert)
  }
})

t.test(
  'given values that call for an alert, and values that do not, when promtool evaluates the rules, then only the first fire',
  { skip },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'handoff-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    /** One test of promtool (https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/). */
    const createTest = ({ alert, minute, labels }: AlertCase, series: Record<string, string>, isFiring: boolean) => {
      const rule = rules.find((candidate) => candidate.alert === alert)
      const expected = { exp_labels: { ...labels, severity: rule?.labels.severity }, exp_annotations: rule?.annotations }
      return {
        interval: '1m',
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        alert_rule_test: [{ eval_time: `${minute}m`, alertname: alert, exp_alerts: isFiring ? [expected] : [] }],
      }
    }
    const check = (tests: object[]) => {
      const path = join(folder, 'cases.yaml')
      // JSON is YAML, too.
      writeFileSync(path, JSON.stringify({ rule_files: [file], evaluation_interval: '1m', tests }))
      const { status, stdout, stderr } = runPromtool('test', 'rules', path)
      return { status, output: stdout + stderr }
    }
    const { status, output } = check(
      alertCases.flatMap((alertCase) => [createTest(alertCase, alertCase.firing, true), createTest(alertCase, alertCase.quiet, false)]),
    )
    t.equal(status, 0, output)
    const [first] = alertCases
    t.not(first && check([createTest(first, first.quiet, true)]).status, 0, 'promtool finds a case that is wrong')
  },
)

t.test('given a running service, when it is scraped, then it publishes every series that the alerts name', async (t) => {
  const system = await startTestSystem(t)
  const samples = (await system.request<string>('GET', '/metrics')).body.split('\n')
  for (const { alert, expr } of rules)
    for (const [selector, name = '', matchers = ''] of expr.matchAll(/\b(handoff_\w+)(?:\{([^}]*)\})?/g)) {
      const equal = [...matchers.matchAll(/\w+="[^"]*"/g)].map(([matcher]) => matcher)
      const isPublished = samples.some((line) => new RegExp(`^${name}[{ ]`).test(line) && equal.every((matcher) => line.includes(matcher)))
      t.ok(isPublished, `${alert}: ${selector}`)
    }
})
