/** The sample flow in architect/sample-inbound.yaml uses its data action correctly, and transfers the call in every case. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { dataActionFiles } from '../../src/architect/data-actions.ts'
import { readShippedAction } from './simulated-architect.ts'

const read = (path: string): string => readFileSync(new URL(`../../architect/${path}`, import.meta.url), 'utf8')
const yaml = read('sample-inbound.yaml')
const readme = read('README.md')
const terraform = read('terraform/main.tf')
const { contract } = readShippedAction('Handoff-Decide-Transfer.custom.json')

interface CallData {
  name: string
  category: Record<
    string,
    { dataAction: Record<string, { inputs: Record<string, unknown>; successOutputs: Record<string, { var: string }> }> }
  >
  outputs?: Record<string, { actions?: unknown[] }>
}
/** Every value of a key, at any depth. */
function* valuesOf(key: string, value: unknown): Generator {
  if (value === null || typeof value !== 'object') return
  for (const [name, innerValue] of Object.entries(value)) {
    if (name === key) yield innerValue
    yield* valuesOf(key, innerValue)
  }
}
const flow = parse(yaml) as { inboundCall: { tasks: Array<{ task: { actions: unknown[]; variables: unknown[] } }> } }
const calls = [...valuesOf('callData', flow)] as CallData[]
const stepOf = ({ category }: CallData) =>
  Object.values(Object.values(category)[0]?.dataAction ?? {})[0] ?? { inputs: {}, successOutputs: {} }

t.test(
  'given the steps that call a data action, when they are compared with its contract, then they use its inputs and outputs correctly',
  async (t) => {
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
  },
)

t.test('given the first step, when it times out, then the flow repeats it with the same inputs', async (t) => {
  const [first, repeat] = calls as [CallData, CallData]
  t.strictSame([...valuesOf('callData', first.outputs?.['timeout'])], [repeat])
  t.strictSame(stepOf(repeat), stepOf(first))
})

t.test('given the sample flow, when the data action has any outcome, then the caller is transferred', async (t) => {
  const [{ task } = { task: { actions: [] } }] = flow.inboundCall.tasks
  const kinds = task.actions.map((action) => Object.keys(action as object)[0])
  t.strictSame(kinds, ['callData', 'decision', 'disconnect'], 'every path of the data action leads to the decision')
  const [decision] = [...valuesOf('decision', task.actions)] as Array<{ outputs: Record<string, unknown> }>
  for (const output of ['yes', 'no']) t.equal([...valuesOf('transferToAcd', decision?.outputs[output])].length, 1, output)
})

t.test('given the sample flow, when it uses a variable, then the variable is declared', async (t) => {
  const [{ task } = { task: { variables: [] } }] = flow.inboundCall.tasks
  const declared = new Set([...valuesOf('name', task.variables)].map(String))
  const used = [...yaml.matchAll(/\b(Task\.\w+)/g)].map(([, name]) => String(name))
  t.ok(used.length > 10)
  t.strictSame([...new Set(used.filter((name) => !declared.has(name)))], [])
})

t.test(
  'given the placeholders, when Terraform applies the flow, then each is replaced, and README.md names them, every variable and every file',
  async (t) => {
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
  },
)
