/** `npm run transfers`: what operators need without a browser: transfers are listed, shown, watched and settled, and webhooks delivered again. */
import { loadEnvFile } from '../environment/env-file.ts'
import { epochMs } from '../model/clock.ts'
import { isFinal, states } from '../model/states.ts'
import type { Transfer } from '../model/transfer.ts'
import type { TimelineItem } from '../transfers/history/timeline.ts'
import { readArguments } from './arguments.ts'
import { endWithReader } from './closed-output.ts'
import { reportFailure } from './failure.ts'
import { createApi, readConnection, requireId, type Api } from './transfers/api.ts'
import { followChanges, type WatchedChange } from './transfers/follow.ts'
import { fit, formatLine, formatTransfer, listHeader, type NamesById } from './transfers/format.ts'

const help = `npm run transfers -- list            transfers that are not over, newest first
                     [--state STATE,…]    in these states; "all": in any state
                     [--queue ID] [--code CODE] [--reason REASON]
                     [--requested-by KEY] [--conversation ID]
                     [--since TIME] [--until TIME] [--limit N]
npm run transfers -- show ID         one transfer and everything that happened
npm run transfers -- watch [ID]      every change as it happens; with an ID: of
                                     this transfer, until it is over
npm run transfers -- settle ID --state STATE --reason TEXT
                                     settle a transfer that is indeterminate:
                                     initiated, callback_created, rejected,
                                     abandoned or failed
npm run transfers -- redeliver EVT   deliver a webhook again (evt_…), or with
                                     the ID of a transfer those of its
                                     webhooks that were not delivered

  --json          print JSON: one document, and with watch one line a change
Settings: HANDOFF_URL (this machine, at PORT or 3000), HANDOFF_API_KEY (the
first key of API_KEYS). Exit code 0: done; 1: refused or not found.
`
const text = { type: 'string' } as const
const optionsByCommand: Readonly<Record<string, readonly string[]>> = {
  list: ['state', 'queue', 'code', 'reason', 'requested-by', 'conversation', 'since', 'until', 'limit'],
  show: [],
  watch: [],
  settle: ['state', 'reason'],
  redeliver: [],
}
/** The query parameter of each option. */
const parameters: Readonly<Record<string, string>> = { queue: 'queueId', 'requested-by': 'requestedBy', conversation: 'conversationId' }

type Options = Partial<Record<string, string>>
interface Command {
  api: Api
  id: string | undefined
  options: Options
  isJson: boolean
}
type WithNames<T> = T & { names?: NamesById }

const print = (line: string): void => void process.stdout.write(`${line}\n`)
const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2))

/** Delivers the webhooks of a transfer again that were not delivered. */
async function redeliverAll(api: Api, transferId: string): Promise<unknown> {
  const { createdAt: since } = (await api.request('GET', `/v1/transfers/${transferId}`)) as Transfer
  return api.request('POST', '/v1/webhook-redeliveries', { transferId, since })
}

const commands: Readonly<Record<string, (command: Command) => Promise<void>>> = {
  async list({ api, options, isJson }) {
    const open = states.filter((state) => !isFinal(state)).join(',')
    const query = new URLSearchParams({ expand: 'names' })
    for (const [name, value] of Object.entries({ state: open, ...options }))
      if (value !== undefined && !(name === 'state' && value === 'all')) query.set(parameters[name] ?? name, value)
    const page = (await api.request('GET', `/v1/transfers?${query}`)) as WithNames<{ transfers: Transfer[]; nextCursor: string | null }>
    if (isJson) return printJson(page)
    if (page.transfers.length === 0) return print('There is no such transfer.')
    print(listHeader)
    for (const transfer of page.transfers) print(formatLine(transfer, page.names ?? {}, epochMs()))
    if (page.nextCursor !== null) print('There are more: narrow the list down, or use --limit (up to 200).')
  },
  async show({ api, id, isJson }) {
    const path = `/v1/transfers/${requireId(id)}`
    const transfer = (await api.request('GET', `${path}?expand=names`)) as WithNames<Transfer>
    const { items } = (await api.request('GET', `${path}/timeline`)) as { items: TimelineItem[] }
    if (isJson) printJson({ ...transfer, timeline: items })
    else print(formatTransfer(transfer, items, transfer.names ?? {}, epochMs()))
  },
  async watch({ api, id, isJson }) {
    const watched = id === undefined ? undefined : requireId(id).toLowerCase()
    const abort = new AbortController()
    process.once('SIGINT', () => abort.abort())
    async function readNow(): Promise<WatchedChange> {
      const { names, ...transfer } = (await api.request('GET', `/v1/transfers/${watched}?expand=names`)) as WithNames<Transfer>
      return { transfer, changes: [], ...(names && { names }) }
    }
    for await (const change of followChanges(api, abort.signal, watched === undefined ? undefined : readNow, (note) =>
      process.stderr.write(`transfers: ${note}\n`),
    )) {
      const { transfer, names = {}, changes } = change
      if (watched !== undefined && transfer.id !== watched) continue
      if (isJson) print(JSON.stringify(change))
      else {
        print(formatLine(transfer, names, epochMs()))
        if (changes.length > 0)
          print(fit(`  ${changes.map(({ status }) => status).join(', ')}${transfer.code ? ` (${transfer.code})` : ''}`, 80).trimEnd())
      }
      if (watched !== undefined && isFinal(transfer.state)) return
    }
  },
  async settle({ api, id, options: { state, reason }, isJson }) {
    if (!state || !reason) throw new Error('settle needs --state and --reason')
    const transfer = (await api.request('POST', `/v1/transfers/${requireId(id)}/settle`, { state, reason })) as Transfer
    if (isJson) printJson(transfer)
    else print(`Transfer ${transfer.id} is ${transfer.state} now.`)
  },
  async redeliver({ api, id, isJson }) {
    const isDelivery = id?.startsWith('evt_') === true
    const result = isDelivery
      ? await api.request('POST', `/v1/webhook-deliveries/${encodeURIComponent(id ?? '')}/redeliver`)
      : await redeliverAll(api, requireId(id, 'the id of a webhook (evt_…) or of a transfer (a UUID) is needed'))
    if (isJson) printJson(result)
    else
      print(isDelivery ? `Webhook ${id} is queued again.` : `${(result as { queued?: number }).queued ?? 'All'} webhooks are queued again.`)
  },
}

endWithReader()
try {
  const {
    values: { help: wantsHelp, json, ...values },
    positionals: [name = '', id, ...more],
  } = readArguments({
    allowPositionals: true,
    options: {
      ...Object.fromEntries([...new Set(Object.values(optionsByCommand).flat())].map((option) => [option, text])),
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (wantsHelp || !command) {
    if (!wantsHelp && name !== '') throw new Error(`there is no command ${name}: use ${Object.keys(commands).join(', ')} or --help`)
    process[wantsHelp ? 'stdout' : 'stderr'].write(help)
    process.exitCode = wantsHelp ? 0 : 1
  } else {
    const unsupported = Object.keys(values).find((option) => !optionsByCommand[name]?.includes(option))
    if (unsupported !== undefined) throw new Error(`--${unsupported} is no option of ${name}`)
    if (more.length > 0 || (name === 'list' && id !== undefined)) throw new Error(`${name} takes ${name === 'list' ? 'no' : 'one'} id`)
    loadEnvFile()
    await command({ api: createApi(readConnection(process.env)), id, options: values, isJson: json })
  }
} catch (error) {
  reportFailure('transfers', error)
}
