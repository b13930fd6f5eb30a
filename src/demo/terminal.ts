/** How the demo formats text for a terminal: the width of lines, colors and durations. */
import { styleText } from 'node:util'

const maxWidth = 110
export type Color = 'green' | 'red' | 'yellow' | 'cyan' | 'dim' | 'bold'

/** Whether to print colors: on a terminal, unless the user wants none (no-color.org). */
export const shouldUseColors = (stream: { isTTY?: boolean }, environment: Record<string, string | undefined>): boolean =>
  stream.isTTY === true && !environment['NO_COLOR']

export type Painter = (color: Color, text: string) => string

/** Creates a function that colors text or, without `hasColors`, returns it unchanged. */
export const createPainter =
  (hasColors: boolean): Painter =>
  (color, text) =>
    hasColors ? styleText(color, text, { validateStream: false }) : text

/** Cuts text to the width of a line. */
export const truncate = (text: string, width = maxWidth): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`)

export const formatSeconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`
