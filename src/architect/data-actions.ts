/** The data actions as the platform imports them, generated from the schemas of the flat routes (docs/genesys-cloud.md rule 80). */
import { answerContract, emptyContract, idContract, requestContract, type ContractSchema } from './contracts.ts'

export interface DataAction {
  name: string
  integrationType: 'custom-rest-actions'
  actionType: 'custom' | 'customAuth'
  config: {
    request: { requestUrlTemplate: string; requestType: 'GET' | 'POST'; headers: Record<string, string>; requestTemplate: string }
    response: { translationMap: Record<string, string>; translationMapDefaults: Record<string, string>; successTemplate: string }
    /** Seconds, 1 to 60; not in a custom auth action. */
    timeoutSeconds?: number
  }
  contract: { input: { inputSchema: ContractSchema }; output: { successSchema: ContractSchema } }
  secure: boolean
}

/** Two seconds more than the route needs at most. */
const timeoutSeconds = 10
const url = '${credentials.baseUrl}/v1/architect/transfers'
const headers = { 'Content-Type': 'application/json', Accept: 'application/json', 'X-API-Key': '${credentials.apiKey}' }

const outputNames = Object.keys(answerContract.properties)
/** JSON text for a field that is missing from the response, by its type. Only a response of another server lacks a field, so it must not look like a success. */
const defaultsByType: Readonly<Record<string, string>> = { boolean: 'false', integer: '0', array: '[]', string: '""' }
const response: DataAction['config']['response'] = {
  translationMap: Object.fromEntries(outputNames.map((name) => [name, `$.${name}`])),
  translationMapDefaults: {
    ...Object.fromEntries(Object.entries(answerContract.properties).map(([name, { type }]) => [name, defaultsByType[type] ?? '""'])),
    code: '"OUTCOME_UNKNOWN"',
  },
  successTemplate: `{${outputNames.map((name) => `"${name}": \${${name}}`).join(', ')}}`,
}

/** A published contract cannot be changed, so that a new contract needs a new name: with the next version. */
const contractVersion = 2

function createAction(name: string, request: Partial<DataAction['config']['request']>, inputSchema: ContractSchema): DataAction {
  return {
    name: `Handoff - ${name} v${contractVersion}`,
    integrationType: 'custom-rest-actions',
    actionType: 'custom',
    config: {
      request: { requestUrlTemplate: url, requestType: 'POST', headers, requestTemplate: '${input.rawRequest}', ...request },
      response,
      timeoutSeconds,
    },
    contract: { input: { inputSchema }, output: { successSchema: answerContract } },
    secure: false,
  }
}

const decideContract = requestContract('Decision request', ['mode'])
/** The template of an input. `$!` makes a missing input empty; without it, the text of the template itself would be sent. A required input is never missing. */
const inputTemplate = (name: string): string =>
  decideContract.required?.includes(name) ? `"$esc.jsonString(\${input.${name}})"` : `"$!esc.jsonString($!{input.${name}})"`
const decideTemplate = `{"mode": "decide", ${Object.keys(decideContract.properties)
  .map((name) => `"${name}": ${inputTemplate(name)}`)
  .join(', ')}}`

const login: DataAction = {
  name: 'Handoff - OAuth v1',
  integrationType: 'custom-rest-actions',
  actionType: 'customAuth',
  config: {
    request: {
      requestUrlTemplate: '${credentials.baseUrl}/oauth/token',
      requestType: 'POST',
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        Accept: 'application/json',
        Authorization: 'Basic $encoding.base64("${credentials.clientId}:${credentials.clientSecret}")',
      },
      requestTemplate: 'grant_type=client_credentials',
    },
    response: { translationMap: {}, translationMapDefaults: {}, successTemplate: '${rawResult}' },
  },
  contract: { input: { inputSchema: emptyContract('Nothing') }, output: { successSchema: emptyContract('Token') } },
  secure: false,
}

/** The files of the folder architect/, by name. */
export const dataActionFiles: Readonly<Record<string, DataAction>> = {
  'Handoff-Request-Transfer.custom.json': createAction('Request Transfer', {}, requestContract('Transfer request')),
  'Handoff-Decide-Transfer.custom.json': createAction('Decide Transfer', { requestTemplate: decideTemplate }, decideContract),
  'Handoff-Get-Transfer.custom.json': createAction(
    'Get Transfer',
    { requestUrlTemplate: `${url}/$esc.url(\${input.transferId})`, requestType: 'GET' },
    idContract,
  ),
  'Handoff-OAuth.customAuth.json': login,
}
