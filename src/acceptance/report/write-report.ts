/** Where a report is written: a folder with `report.md`, `report.json` and `recording.json`. */
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Recording } from '../recording/recording.ts'
import { formatMarkdown } from './markdown.ts'
import type { Report } from './report.ts'

const reportFile = 'report.json'

/** A recording as JSON with one line for each entry, so that two recordings can be compared. */
function formatRecording({ entries, ...rest }: Recording): string {
  const head = JSON.stringify(rest, null, 1).replace(/\n}$/, '')
  return `${head},\n "entries": [\n${entries.map((entry) => `  ${JSON.stringify(entry)}`).join(',\n')}\n ]\n}\n`
}

/** Whether the folder has a report already, which must not be overwritten. */
export const hasReport = (folder: string): boolean => existsSync(join(folder, reportFile))

/** Writes the three files, and creates the folder if there is none. @throws Error of the file system */
export async function writeReport(folder: string, recording: Recording, report: Report): Promise<void> {
  await mkdir(folder, { recursive: true })
  const write = (name: string, text: string) => writeFile(join(folder, name), text)
  await write('recording.json', formatRecording(recording))
  await write(reportFile, `${JSON.stringify(report, null, 2)}\n`)
  await write('report.md', formatMarkdown(report))
}
