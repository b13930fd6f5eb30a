/** The end of the demo: the table of what was expected and what happened, the figures, and what to try next. */
import { DEFAULT_SCENE } from '../simulator/control/default-scene.ts'
import { asExpected, type Played } from './playing.ts'
import { demoTimes, type Stage } from './stage.ts'
import { fit, seconds, type Paint } from './telling.ts'

/** The part of GET /v1/transfers/summary that is told. */
export interface Figures {
  total: number
  pickupRate: number | null
  latencyMs: { p50: number | null; p95: number | null }
  pickupMs: { p50: number | null }
}

const columns: ReadonlyArray<readonly [title: string, width: number, cell: (played: Played) => string]> = [
  ['Call', 31, ({ title }) => title],
  ['Expected', 28, ({ expected }) => expected],
  ['What happened', 28, ({ happened }) => happened],
  ['Latency', 8, ({ latencyMs }) => (latencyMs === null ? '-' : `${latencyMs} ms`)],
]
const row = (cells: string[], pickup: string): string =>
  `${cells.map((cell, at) => cell.padEnd(columns[at]?.[1] ?? 0)).join(' ')} ${pickup}`

/** The closing table, a line a call, and a line for each thing that went wrong. */
export function table(calls: readonly Played[], paint: Paint): string[] {
  const lines = calls.map((played) => {
    const text = fit(
      row(
        columns.map(([, width, cell]) => fit(cell(played), width)),
        played.pickupMs === null ? '-' : seconds(played.pickupMs),
      ),
    )
    return asExpected(played) ? text : paint('red', text)
  })
  const wrong = calls
    .filter((played) => !asExpected(played))
    .map(({ title, expected, happened, faults }) =>
      paint(
        'red',
        fit(
          `Not as it should be: ${title}: ${[expected === happened ? '' : `${happened} instead of ${expected}`, ...faults].filter(Boolean).join('; ')}`,
        ),
      ),
    )
  return [
    paint(
      'bold',
      row(
        columns.map(([title]) => title),
        'Pickup',
      ),
    ),
    ...lines,
    '',
    ...wrong,
  ]
}

const ms = (value: number | null): string => (value === null ? '-' : `${value} ms`)
const share = (part: number | null): string => (part === null ? '-' : `${Math.round(part * 100)} %`)

/** The figures of the summary in two lines. */
export const figures = ({ total, pickupRate, latencyMs, pickupMs }: Figures): string[] => [
  `${total} transfers. Of those that the platform accepted, ${share(pickupRate)} were picked up (GET /v1/transfers/summary).`,
  `Request to acceptance: p50 ${ms(latencyMs.p50)}, p95 ${ms(latencyMs.p95)}. Acceptance to pickup: p50 ${ms(pickupMs.p50)}.`,
]

/** Where to go on by hand. */
export function invitation({ url, simulatorUrl, key, logFile }: Stage): string[] {
  const {
    skills: { billing },
    queues: { support, fallback },
    agents,
    conversations: [first = '', ...others],
  } = DEFAULT_SCENE
  return [
    'Now try it yourself; everything keeps running until Ctrl-C.',
    '',
    `  Swagger UI    ${url}/docs`,
    `  API key       ${key}`,
    '                (Authorize, paste it under "key", then POST /v1/transfers, Try it out, Execute)',
    '',
    `  conversation  ${first}   a caller in the IVR, the example's;`,
    `                …${others[0]?.slice(-4)} to …${others.at(-1)?.slice(-4)} wait as well. A call that was moved is no longer fresh: take the next one`,
    `  skill         ${billing}   Billing`,
    `  queue         ${support}   Support`,
    `  fallback      ${fallback}   Fallback`,
    ...Object.entries(agents).map(([name, id]) => `  agent         ${id}   ${name}`),
    '',
    `  Agents hang up after ${demoTimes.talk / 1000} s and are free again; a pickup is waited for ${demoTimes.pickupTimeout / 1000} s.`,
    `  Simulator     ${simulatorUrl}/_simulator`,
    `  Service log   ${logFile}`,
    '',
  ].map((text) => fit(text))
}
