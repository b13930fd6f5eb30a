/** What the demo prints at the end: a table of the calls, the service's figures, and how to make transfers by hand. */
import { defaultScenario } from '../simulator/control/default-scenario.ts'
import { isAsExpected, type CallResult } from './run-call.ts'
import type { DemoSystem } from './demo-system.ts'
import { demoTimes } from './demo-times.ts'
import { formatSeconds, truncate, type Painter } from './terminal.ts'

/** The printed part of the response to GET /v1/transfers/summary. */
export interface TransferFigures {
  total: number
  pickupRate: number | null
  latencyMs: { p50: number | null; p95: number | null }
  pickupMs: { p50: number | null }
}

interface Column {
  title: string
  width: number
  format: (result: CallResult) => string
}
const columns: readonly Column[] = [
  { title: 'Call', width: 33, format: ({ title }) => title },
  { title: 'Expected', width: 28, format: ({ expected }) => expected },
  { title: 'What happened', width: 28, format: ({ actual }) => actual },
  { title: 'Latency', width: 8, format: ({ latencyMs }) => formatMs(latencyMs) },
  { title: 'Pickup', width: 6, format: ({ pickupMs }) => (pickupMs === null ? '-' : formatSeconds(pickupMs)) },
]
const formatMs = (ms: number | null): string => (ms === null ? '-' : `${ms} ms`)
const formatPercent = (rate: number | null): string => (rate === null ? '-' : `${Math.round(rate * 100)} %`)

const formatRow = (formatCell: (column: Column) => string): string =>
  truncate(
    columns
      .map((column) => truncate(formatCell(column), column.width).padEnd(column.width))
      .join(' ')
      .trimEnd(),
  )

const describeDeviations = ({ title, expected, actual, deviations }: CallResult): string =>
  `Not as expected: ${title}: ${[...(expected === actual ? [] : [`${actual} instead of ${expected}`]), ...deviations].join('; ')}`

/** Formats the table of the calls, and a line for each call that did not go as expected. */
export function formatTable(results: readonly CallResult[], paint: Painter): string[] {
  const rows = results.map((result) => {
    const row = formatRow(({ format }) => format(result))
    return isAsExpected(result) ? row : paint('red', row)
  })
  const deviations = results.filter((result) => !isAsExpected(result)).map((result) => paint('red', truncate(describeDeviations(result))))
  return [
    paint(
      'bold',
      formatRow(({ title }) => title),
    ),
    ...rows,
    '',
    ...deviations,
  ]
}

/** Formats the service's figures as two lines. */
export const formatFigures = ({ total, pickupRate, latencyMs, pickupMs }: TransferFigures): string[] => [
  `${total} transfers. Of those that the platform accepted, ${formatPercent(pickupRate)} were picked up (GET /v1/transfers/summary).`,
  `Request to acceptance: p50 ${formatMs(latencyMs.p50)}, p95 ${formatMs(latencyMs.p95)}. Acceptance to pickup: p50 ${formatMs(pickupMs.p50)}.`,
]

/** Formats what a user needs to make transfers by hand. */
export function formatInstructions({
  url,
  simulatorUrl,
  key,
  logFile,
}: Pick<DemoSystem, 'url' | 'simulatorUrl' | 'key' | 'logFile'>): string[] {
  const {
    skills: { billing },
    queues: { support, fallback },
    agents,
    conversations: [first = '', ...others],
  } = defaultScenario
  return [
    'Now try it yourself. Everything keeps running until you press Ctrl-C.',
    '',
    `  Swagger UI    ${url}/docs`,
    `  API key       ${key}`,
    '                (Authorize, paste it under "key", then POST /v1/transfers, Try it out, Execute)',
    '',
    `  conversation  ${first}   a call in the IVR, the one in the example;`,
    `                …${others[0]?.slice(-4)} to …${others.at(-1)?.slice(-4)} wait as well. Use the next one for each transfer`,
    `  skill         ${billing}   Billing`,
    `  queue         ${support}   Support`,
    `  fallback      ${fallback}   Fallback`,
    ...Object.entries(agents).map(([name, id]) => `  agent         ${id}   ${name}`),
    '',
    `  Agents hang up after ${demoTimes.talkMs / 1000} s and are free again. Handoff waits ${demoTimes.pickupTimeoutMs / 1000} s for a pickup.`,
    `  Simulator     ${simulatorUrl}/_simulator`,
    `  Service log   ${logFile}`,
    '',
  ].map((line) => truncate(line))
}
