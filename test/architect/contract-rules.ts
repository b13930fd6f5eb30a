/** The rules by which the platform accepts the file of a data action (docs/genesys-cloud.md rules 80–81). */
import type { DataAction } from '../../src/architect/data-actions.ts'

type Properties = Record<string, Record<string, unknown>>
const simpleTypes = new Set(['string', 'integer', 'number', 'boolean', 'null'])
const reservedInputs = new Set(['orgId', 'integrationId', 'rawRequest'])

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
const depthOf = (value: unknown): number =>
  value !== null && typeof value === 'object' ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0

function* inputRules(properties: Properties, required: readonly string[]): Generator<string> {
  for (const [name, { type }] of Object.entries(properties)) {
    if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(name)) yield `the input ${name} is not a valid name`
    if (reservedInputs.has(name)) yield `the input ${name} is reserved`
    if (!simpleTypes.has(String(type))) yield `the input ${name} is ${JSON.stringify(type)}: inputs are flat`
  }
  for (const name of required) if (!(name in properties)) yield `the input ${name} is required but does not exist`
}

function* outputRules(properties: Properties, path = ''): Generator<string> {
  for (const [name, { type, items, properties: inner }] of Object.entries(properties)) {
    if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(name)) yield `the output ${path}${name} is not a valid name`
    if (type === 'object') yield* outputRules((inner ?? {}) as Properties, `${path}${name}.`)
    else if (type === 'array') {
      if (!simpleTypes.has(String((items as { type?: string } | undefined)?.type)))
        yield `the output ${path}${name} is an array of something other than simple values`
    } else if (!simpleTypes.has(String(type))) yield `the output ${path}${name} is ${JSON.stringify(type)}`
  }
}

/** A template may use only inputs that exist, and must reference an optional input with `$!`. */
function* templateRules(template: string, properties: Properties, required: readonly string[]): Generator<string> {
  for (const [reference, quietMark, name = ''] of template.matchAll(/\$(!?)\{input\.([\w-]+)\}/g)) {
    if (name === 'rawRequest') continue
    if (!(name in properties)) yield `${reference} is not an input`
    else if (!quietMark && !required.includes(name)) yield `${reference} is optional: without "!" its own text is sent when it has no value`
  }
}

function* requestRules({ config: { request }, contract }: DataAction): Generator<string> {
  const { requestUrlTemplate, requestType, headers, requestTemplate } = request
  const { properties, required = [] } = contract.input.inputSchema
  if (!/^(https:\/\/|\$\{credentials\.)/.test(requestUrlTemplate)) yield 'the address is not absolute'
  if (!/^(GET|PUT|POST|PATCH|DELETE)$/.test(requestType)) yield `${requestType} is not a method`
  if (headers['Accept'] !== undefined && !/json/.test(headers['Accept'])) yield 'Accept does not name JSON'
  for (const template of [requestUrlTemplate, requestTemplate, ...Object.values(headers)]) {
    if (typeof template !== 'string') yield 'a template is not text'
    else yield* templateRules(template, properties, required)
  }
}

function* responseRules({ config: { response }, contract }: DataAction): Generator<string> {
  const { translationMap, translationMapDefaults, successTemplate } = response
  for (const [name, text] of Object.entries(translationMapDefaults)) {
    if (!(name in translationMap)) yield `the default of ${name} has no path`
    if (typeof text !== 'string' || !isJson(text)) yield `the default of ${name} is not JSON`
  }
  for (const [name, path] of Object.entries(translationMap)) if (!path.startsWith('$')) yield `the path of ${name} is not a JSONPath`
  const used = [...successTemplate.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => String(name))
  if (used.length === 0) yield 'the success template is empty'
  for (const name of used) if (name !== 'rawResult' && !(name in translationMap)) yield `\${${name}} is not translated`
  if (!isJson(successTemplate.replaceAll(/\$\{\w+\}/g, '0'))) yield 'the success template is not JSON'
  if (!used.includes('rawResult'))
    for (const name of Object.keys(contract.output.successSchema.properties))
      if (!used.includes(name)) yield `the output ${name} is never filled`
}

function* allRules(file: string, action: DataAction): Generator<string> {
  const { name, integrationType, actionType, config, contract, secure } = action
  if (name.length > 256) yield 'the name is longer than 256 characters'
  if (integrationType !== 'custom-rest-actions') yield 'it is not a Web Services action'
  if (!/^(custom|customAuth)$/.test(actionType ?? '')) yield 'the import fails without an actionType'
  if (!file.endsWith(`.${actionType}.json`)) yield `its file must end in .${actionType}.json`
  if (typeof secure !== 'boolean') yield 'secure must be true or false'
  const { timeoutSeconds: seconds } = config
  if (actionType === 'customAuth' && seconds !== undefined) yield 'a custom auth action must not have timeoutSeconds'
  if (seconds !== undefined && (!Number.isInteger(seconds) || seconds < 1 || seconds > 60)) yield 'timeoutSeconds must be from 1 to 60'
  for (const schema of [contract.input.inputSchema, contract.output.successSchema])
    if (schema.type !== 'object' || !schema.additionalProperties) yield 'a contract must be an object with additional properties'
  if (JSON.stringify(contract).includes('"$ref"')) yield 'a contract must not contain $ref'
  if (depthOf(action) > 50) yield 'it is nested deeper than 50'
  yield* inputRules(contract.input.inputSchema.properties, contract.input.inputSchema.required ?? [])
  yield* outputRules(contract.output.successSchema.properties)
  yield* requestRules(action)
  yield* responseRules(action)
}

/** Descriptions of the rules that a file breaks. The platform accepts a file that breaks none. */
export const findBrokenRules = (file: string, action: DataAction): string[] => [...allRules(file, action)]
