import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { dataActionFiles } from '../../src/architect/data-actions.ts'
import { shippedAction } from './architect.ts'

const read = (path: string): string => readFileSync(new URL(`../../architect/${path}`, import.meta.url), 'utf8')
const yaml = read('sample-inbound.yaml')
const readme = read('README.md')
const terraform = read('terraform/main.tf')
const { contract } = shippedAction('Handoff-Decide-Transfer.custom.json')

interface CallData {
  name: string
  category: Record<
    string,
    { dataAction: Record<string, { inputs: Record<string, unknown>; successOutputs: Record<string, { var: string }> }> }
  >
  outputs?: Record<string, { actions?: unknown[] }>
}
/** Every value under a key, wherever it stands. */
function* under(key: string, value: unknown): Generator<unknown> {
  if (value === null || typeof value !== 'object') return
  for (const [name, one] of Object.entries(value)) {
    if (name === key) yield one
    yield* under(key, one)
  }
}
const flow = parse(yaml) as { inboundCall: { tasks: Array<{ task: { actions: unknown[]; variables: unknown[] } }> } }
const calls = [...under('callData', flow)] as CallData[]
const stepOf = ({ category }: CallData) =>
  Object.values(Object.values(category)[0]?.dataAction ?? {})[0] ?? { inputs: {}, successOutputs: {} }

t.test('the sample flow asks by the contract of its data action', async (t) => {
  t.equal(calls.length, 2)
  for (const call of calls) {
    const { inputs, successOutputs } = stepOf(call)
    t.strictSame(
      Object.keys(inputs).filter((name) => !(name in contract.input.inputSchema.properties)),
      [],
      'inputs',
    )
    t.strictSame(
      (contract.input.inputSchema.required ?? []).filter((name) => !(name in inputs)),
      [],
      'required inputs',
    )
    t.strictSame(
      Object.keys(successOutputs).filter((name) => !(name in contract.output.successSchema.properties)),
      [],
      'outputs',
    )
    t.ok('ok' in successOutputs && 'queueId' in successOutputs && 'idempotencyKey' in inputs)
  }
})

t.test('after a timeout it asks again, and asks the same', async (t) => {
  const [first, again] = calls as [CallData, CallData]
  t.strictSame([...under('callData', first.outputs?.['timeout'])], [again])
  t.strictSame(stepOf(again), stepOf(first))
})

t.test('whatever becomes of the question, the caller is transferred', async (t) => {
  const [{ task } = { task: { actions: [] } }] = flow.inboundCall.tasks
  const kinds = task.actions.map((action) => Object.keys(action as object)[0])
  t.strictSame(kinds, ['callData', 'decision', 'disconnect'], 'every path of the question leads to the decision')
  const [decision] = [...under('decision', task.actions)] as Array<{ outputs: Record<string, unknown> }>
  for (const way of ['yes', 'no']) t.equal([...under('transferToAcd', decision?.outputs[way])].length, 1, way)
})

t.test('its variables are there', async (t) => {
  const [{ task } = { task: { variables: [] } }] = flow.inboundCall.tasks
  const declared = [...under('name', task.variables)].map(String)
  const used = [...yaml.matchAll(/\b(Task\.\w+)/g)].map(([, name]) => String(name))
  t.ok(used.length > 10)
  t.strictSame([...new Set(used.filter((name) => !declared.includes(name)))], [])
})

t.test('every placeholder is filled in by Terraform, and README.md names it, every variable and every file', async (t) => {
  const placeholders = [...new Set([...yaml.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => String(name)))]
  t.ok(placeholders.length >= 5)
  const [, substitutions = ''] = /substitutions = \{([^}]*)\}/.exec(terraform) ?? []
  t.strictSame([...substitutions.matchAll(/^\s*(\w+)\s*=/gm)].map(([, name]) => String(name)).toSorted(), placeholders.toSorted())
  const variables = [...read('terraform/variables.tf').matchAll(/^variable "(\w+)"/gm)].map(([, name]) => String(name))
  const credentials = Object.values(dataActionFiles).flatMap((action) =>
    [...JSON.stringify(action).matchAll(/\$\{(credentials\.\w+)\}/g)].map(([, name]) => String(name)),
  )
  for (const name of [...placeholders, ...variables, ...credentials, ...Object.keys(dataActionFiles)])
    t.ok(readme.includes(`\`${name}\``) || readme.includes(`\`{{${name}}}\``), name)
})
