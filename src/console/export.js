/** Saves transfers as a file: CSV for a spreadsheet, or one JSON object a line. */
import { toCsv, toNdjson } from './csv.js'

const formats = {
  csv: { type: 'text/csv', write: toCsv },
  ndjson: { type: 'application/x-ndjson', write: toNdjson },
}

/** Has the browser save the transfers. @param format csv or ndjson */
export function saveTransfers(transfers, format) {
  const { type, write } = formats[format]
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([write(transfers)], { type }))
  link.download = `transfers-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.${format}`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
