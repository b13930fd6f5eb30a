/** Runs a sample flow from its YAML as Architect does: its data actions call the service, a simulated caller presses keys in its menus, and a simulated bot talks. */
import { parse } from 'yaml'
import { dataActionFiles } from '../../src/architect/data-actions.ts'
import { evaluate, type Scope, type Value } from './flow-expression.ts'
import type { SimulatedArchitect } from './simulated-architect.ts'

interface Formula {
  lit?: Value | { name: string }
  exp?: string
}
interface Audio {
  tts: string
}
export interface Step {
  name: string
  category?: Record<
    string,
    { dataAction: Record<string, { inputs: Record<string, Formula>; successOutputs: Record<string, { var: string }> }> }
  >
  condition?: Formula
  audio?: Audio
  targetQueue?: Formula
  priority?: Formula
  targetMenuRef?: string
  connectorId?: Formula
  sessionVariables?: Array<{ sessionVariable: { name: { lit: string }; value: Formula } }>
  sessionVariableOutputs?: Array<{ sessionVariableOutput: { name: { lit: string }; value: { var: string } } }>
  outputs?: Record<string, { actions: Action[] }>
}
/** An action has one key, its kind. */
export type Action = Record<string, Step>
type Variable = Record<string, { name: string; initialValue?: Formula }>
type Choice = Record<string, { name: string; dtmf: string; task?: { actions: Action[] } }>
export interface Flow {
  startUpRef: string
  variables?: Variable[]
  tasks: Array<{ task: { refId: string; variables?: Variable[]; actions: Action[] } }>
  menus?: Array<{ menu: { refId: string; audio: Audio; choices: Choice[] } }>
}

/** A session of the voice bot: it gets the input variables and returns the output variables, all of them text. */
export type BotSession = (inputs: Readonly<Record<string, string>>) => Readonly<Record<string, string>>

export interface FlowOptions {
  architect: SimulatedArchitect
  conversationId: string
  /** What the placeholders of the YAML are replaced with; those of the data actions are replaced here. */
  placeholders: Readonly<Record<string, string>>
  /** The IDs of the queues that the flow names. */
  queueIds: Readonly<Record<string, string>>
  /** The key that the caller presses in the menu, for example digit_1. */
  key?: string
  /** The sessions of the voice bot, in order. */
  botSessions?: readonly BotSession[]
  /** Names of the steps that do not succeed. At `lostAnswer` the service gets the request, but the flow takes the Timeout path. */
  outcomes?: Readonly<Record<string, 'failure' | 'lostAnswer' | 'transferFails'>>
  /** What happens while the caller hears this text. */
  whilePlaying?: (text: string) => Promise<void>
}
export interface FlowRun {
  /** Each action that ran, as `<kind> <name>`. */
  steps: string[]
  /** What the caller heard after the greeting. */
  heard: string[]
  /** Queue and priority of the Transfer to ACD; undefined if the flow made none. */
  transfer?: { queueId: Value; priority: Value }
}

/** Reads a flow. @param text YAML with or without placeholders */
export const parseFlow = (text: string): Flow => (parse(text) as { inboundCall: Flow }).inboundCall

const actionPlaceholders = {
  decide_action: dataActionFiles['Handoff-Decide-Transfer.custom.json']?.name ?? '',
  request_action: dataActionFiles['Handoff-Request-Transfer.custom.json']?.name ?? '',
}

/**
 * Runs a flow until the call is transferred or disconnected.
 * @param text the YAML of the flow
 * @throws Error for what Architect would not publish: an unknown variable, menu, queue or data action, and a path that does not end
 */
export async function runFlow(text: string, options: FlowOptions): Promise<FlowRun> {
  const { architect, conversationId, placeholders, queueIds, key, botSessions = [], outcomes = {}, whilePlaying } = options
  const nextSession = botSessions.values()
  const values: Record<string, string> = { ...actionPlaceholders, ...placeholders }
  const flow = parseFlow(text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole))
  const run: FlowRun = { steps: [], heard: [] }
  const scope: Scope = new Map([['Call.ConversationId', conversationId]])

  const queueNamed = (name: string): Value => {
    const id = queueIds[name]
    if (id === undefined) throw new Error(`there is no queue ${name}`)
    return { id }
  }
  function valueOf({ lit, exp }: Formula = {}): Value {
    if (exp !== undefined) return evaluate(exp, scope)
    return typeof lit === 'object' && lit !== null && 'name' in lit ? queueNamed(lit.name) : (lit ?? null)
  }
  function declare(variables: Variable[] = []): void {
    for (const { name, initialValue } of variables.flatMap((variable) => Object.values(variable))) scope.set(name, valueOf(initialValue))
  }

  function assign(name: string, variable: string, value: Value): void {
    if (!scope.has(variable)) throw new Error(`${name}: ${variable} is not declared`)
    scope.set(variable, value)
  }

  async function callData({ name, category = {} }: Step): Promise<string> {
    const [actionName, step] = Object.entries(Object.values(category)[0]?.dataAction ?? {})[0] ?? []
    const action = Object.values(dataActionFiles).find((file) => file.name === actionName)
    if (!action || !step) throw new Error(`${name}: there is no data action ${actionName}`)
    if (outcomes[name] === 'failure') return 'failure'
    const inputs = Object.fromEntries(Object.entries(step.inputs).map(([input, formula]) => [input, valueOf(formula)]))
    const path = await architect.runAction(action, inputs)
    if (outcomes[name] === 'lostAnswer') return 'timeout'
    if (path.path !== 'success') return path.path
    for (const [output, { var: variable }] of Object.entries(step.successOutputs)) assign(name, variable, path.outputs[output] as Value)
    return 'success'
  }

  /** Lets the bot talk to the caller. A variable that the bot does not return keeps its value, and one that is not asked for is ignored. */
  function callAudioConnector({ name, connectorId, sessionVariables = [], sessionVariableOutputs = [] }: Step): string {
    if (typeof valueOf(connectorId) !== 'string') throw new Error(`${name}: there is no connector ID`)
    if (outcomes[name] === 'failure') return 'failure'
    const session = nextSession.next().value
    if (!session) throw new Error(`${name}: the bot has no session left`)
    const inputs = sessionVariables.map(({ sessionVariable }) => [sessionVariable.name.lit, valueOf(sessionVariable.value)] as const)
    const returned = session(Object.fromEntries(inputs) as Record<string, string>)
    for (const { sessionVariableOutput } of sessionVariableOutputs) {
      const value = returned[sessionVariableOutput.name.lit]
      if (value !== undefined) assign(name, sessionVariableOutput.value.var, value)
    }
    return 'success'
  }

  async function openMenu(reference: string): Promise<boolean> {
    const { menu } = flow.menus?.find(({ menu: { refId } }) => reference === `/inboundCall/menus/menu[${refId}]`) ?? {}
    if (!menu) throw new Error(`there is no menu ${reference}`)
    run.heard.push(menu.audio.tts)
    const [kind, choice] = menu.choices.flatMap((entry) => Object.entries(entry)).find(([, { dtmf }]) => dtmf === key) ?? []
    if (!choice) throw new Error(`the menu has no choice ${key}`)
    run.steps.push(`${kind} ${choice.name}`)
    return choice.task ? runActions(choice.task.actions) : true
  }

  /** What each kind of action does: it returns the path to take, or whether the flow is over. */
  const kinds: Readonly<Record<string, (step: Step) => boolean | string | Promise<boolean | string>>> = {
    callAudioConnector,
    callData,
    decision: ({ condition }) => (valueOf(condition) === true ? 'yes' : 'no'),
    jumpToMenu: ({ targetMenuRef = '' }) => openMenu(targetMenuRef),
    async playAudio({ audio: { tts } = { tts: '' } }) {
      run.heard.push(tts)
      await whilePlaying?.(tts)
      return false
    },
    transferToAcd({ name, targetQueue, priority }) {
      const queue = valueOf(targetQueue)
      if (outcomes[name] === 'transferFails') return 'failure'
      run.transfer = { queueId: (queue as { id: string }).id, priority: valueOf(priority) }
      return true
    },
    disconnect: () => true,
  }

  /** @returns whether the flow is over */
  async function runActions(actions: Action[] = []): Promise<boolean> {
    for (const [kind, step] of actions.flatMap((action) => Object.entries(action))) {
      run.steps.push(`${kind} ${step.name}`)
      const result = await kinds[kind]?.(step)
      if (result === undefined) throw new Error(`the simulated flow has no action ${kind}`)
      // A path without actions goes on with the next action.
      if (typeof result === 'string' ? await runActions(step.outputs?.[result]?.actions) : result) return true
    }
    return false
  }

  declare(flow.variables)
  const { task } = flow.tasks.find(({ task: { refId } }) => flow.startUpRef === `./tasks/task[${refId}]`) ?? {}
  if (!task) throw new Error(`there is no task ${flow.startUpRef}`)
  declare(task.variables)
  if (!(await runActions(task.actions))) throw new Error('a path of the flow does not end')
  return run
}
