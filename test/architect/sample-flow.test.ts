/** The sample flows in architect/ use their data actions correctly, refer to nothing that is missing, and every path of them ends. */
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { dataActionFiles } from '../../src/architect/data-actions.ts'
import { readShippedAction } from './simulated-architect.ts'
import { parseFlow, type Action, type Step } from './simulated-flow.ts'

const folder = new URL('../../architect/', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, folder), 'utf8')
const readme = read('README.md')
const terraform = read('terraform/main.tf')
const contracts: Readonly<Record<string, ReturnType<typeof readShippedAction>['contract']>> = {
  '{{decide_action}}': readShippedAction('Handoff-Decide-Transfer.custom.json').contract,
  '{{request_action}}': readShippedAction('Handoff-Request-Transfer.custom.json').contract,
}

/** The last actions of paths on which the caller has what he wanted. On every other path the call goes to the fallback. */
const wantedEnds = new Set(['jumpToMenu Offer a callback', 'disconnect Callback created', 'disconnect The bot has finished'])

/** Every value of a key, at any depth. */
function* valuesOf(key: string, value: unknown): Generator {
  if (value === null || typeof value !== 'object') return
  for (const [name, innerValue] of Object.entries(value)) {
    if (name === key) yield innerValue
    yield* valuesOf(key, innerValue)
  }
}
const dataActionOf = ({ category = {} }: Step) => Object.entries(Object.values(category)[0]?.dataAction ?? {})[0] ?? []
const matchesOf = (text: string, pattern: RegExp): string[] => [...new Set([...text.matchAll(pattern)].map(([, name]) => String(name)))]

/** The ways through a list of actions, each as the actions on it. A path without actions goes on with the next action. */
function listPaths([action, ...rest]: Action[]): string[][] {
  if (!action) return [[]]
  const [[kind, step] = ['', { name: '' }]] = Object.entries(action)
  if (kind === 'disconnect' || kind === 'jumpToMenu') return [[`${kind} ${step.name}`]]
  const nothing: { actions: Action[] } = { actions: [] }
  const outputs = { ...(kind === 'decision' ? { yes: nothing, no: nothing } : { success: nothing }), ...step.outputs }
  const branches = Object.values(outputs).map(({ actions }) => actions)
  return branches.flatMap((branch) => listPaths([...branch, ...rest])).map((path) => [`${kind} ${step.name}`, ...path])
}

const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
t.ok(files.length >= 2)

for (const file of files)
  t.test(`given ${file}`, async (t) => {
    const yaml = read(file)
    const flow = parseFlow(yaml)
    const menuTasks = (flow.menus ?? []).flatMap(({ menu }) => menu.choices.flatMap(({ menuTask }) => menuTask?.task ?? []))
    const taskActions = [...flow.tasks.map(({ task }) => task), ...menuTasks].map(({ actions }) => actions)

    t.test('when its data actions are compared with their contracts, then it uses their inputs and outputs correctly', async (t) => {
      const calls = [...valuesOf('callData', flow)] as Step[]
      t.ok(calls.length >= 2)
      for (const call of calls) {
        const [name = '', { inputs, successOutputs } = { inputs: {}, successOutputs: {} }] = dataActionOf(call)
        const contract = contracts[name]
        if (!contract) throw new Error(`${call.name}: there is no data action ${name}`)
        const { properties, required = [] } = contract.input.inputSchema
        t.strictSame(
          Object.keys(inputs).filter((input) => !(input in properties)),
          [],
          'inputs',
        )
        t.strictSame(
          required.filter((input) => !(input in inputs)),
          [],
          'required inputs',
        )
        t.strictSame(
          Object.keys(successOutputs).filter((output) => !(output in contract.output.successSchema.properties)),
          [],
          'outputs',
        )
        t.ok('ok' in successOutputs && 'idempotencyKey' in inputs)
      }
    })

    t.test('when a data action times out, then the flow repeats it with the same inputs', async (t) => {
      let count = 0
      for (const actions of taskActions)
        for (const [index, { callData: call }] of actions.entries()) {
          if (!call) continue
          count++
          // The repeat is on the Timeout path, or in a decision that follows and is about more than a timeout.
          const [repeat] = valuesOf('callData', call.outputs?.['timeout'] ?? actions[index + 1]?.['decision']) as Generator<Step>
          t.strictSame(dataActionOf(repeat ?? { name: '' }), dataActionOf(call), call.name)
        }
      t.ok(count > 0)
    })

    t.test(
      'when an action has any outcome, then the path ends with the fallback, the menu, a callback, or by word of the bot',
      async (t) => {
        const paths = taskActions.flatMap((actions) => listPaths(actions))
        t.ok(paths.length > 2)
        for (const path of paths) {
          const last = String(path.at(-1))
          t.match(last, /^(disconnect|jumpToMenu) /)
          const triesFallback = path.at(-2) === 'transferToAcd To the fallback'
          t.ok(triesFallback || wantedEnds.has(last), path.join(' > '))
        }
      },
    )

    t.test('when it uses a variable, a task or a menu, then the flow has it, and a menu uses no variables of a task', async (t) => {
      const declared = new Set([...valuesOf('variables', flow)].flatMap((variables) => [...valuesOf('name', variables)]).map(String))
      const used = matchesOf(yaml, /\b((?:Task|Flow)\.\w+)/g)
      t.ok(used.length > 4)
      t.strictSame(
        used.filter((name) => !declared.has(name)),
        [],
      )
      t.notMatch(JSON.stringify(flow.menus ?? []), /Task\./)
      const ids = new Set(valuesOf('refId', flow))
      t.strictSame(
        matchesOf(yaml, /(?:task|menu)\[(\w+)\]/g).filter((id) => !ids.has(id)),
        [],
      )
    })

    t.test('when the caller hears a menu, then it names every key', async (t) => {
      for (const { menu } of flow.menus ?? []) {
        const keys = [...valuesOf('dtmf', menu)].map(String)
        t.equal(new Set(keys).size, keys.length)
        for (const key of keys) t.match(menu.audio.tts, new RegExp(`press ${key.replace('digit_', '')}\\b`))
      }
    })

    t.test('when Terraform publishes it, then each placeholder is replaced, and README.md names them and the file', async (t) => {
      const placeholders = matchesOf(yaml, /\{\{(\w+)\}\}/g)
      t.ok(placeholders.length >= 5)
      const [, substitutions = ''] = new RegExp(`/${file}"\\s*substitutions = \\{([^}]*)\\}`).exec(terraform) ?? []
      t.strictSame(matchesOf(substitutions, /^\s*(\w+)\s*=/gm).toSorted(), placeholders.toSorted())
      for (const name of placeholders) t.ok(readme.includes(`\`{{${name}}}\``), name)
      t.ok(readme.includes(`\`${file}\``))
    })
  })

t.test(
  'given README.md, when it is read, then it names every file, every variable of Terraform and every field of a credential',
  async (t) => {
    const credentials = Object.values(dataActionFiles).flatMap((action) => matchesOf(JSON.stringify(action), /\$\{(credentials\.\w+)\}/g))
    const variables = matchesOf(read('terraform/variables.tf'), /^variable "(\w+)"/gm)
    for (const name of [...variables, ...credentials, ...Object.keys(dataActionFiles)]) t.ok(readme.includes(`\`${name}\``), name)
  },
)
