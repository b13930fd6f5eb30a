/** The text of `.env.example`, generated from the settings. `npm run openapi` writes the file, and a test fails if it is out of date. */
import { settings, type Setting } from './settings.ts'

const header = `# Settings of Handoff, read from the environment and from .env in the folder where the service is started.
# "npm run keys -- settings" prints fresh secrets and a key. This file is written by "npm run openapi".
`
const rule = (title: string): string => `# ${title} ${'-'.repeat(96 - title.length)}\n`

/** The settings as lines of a `.env` file: first those that a first start needs, left empty; then the others, commented out, with their defaults. */
export function createExampleFile(): string {
  const all = Object.entries<Setting<unknown>>(settings)
  const needed = all.filter(([, { default: value, isNeededAtFirstStart }]) => value === undefined || isNeededAtFirstStart)
  const optional = all.filter((entry) => !needed.includes(entry))
  const lines = (entries: typeof all, prefix: string): string[] =>
    entries.map(([name, { description, default: value = '' }]) => `# ${description}\n${prefix}${name}=${value}\n`)
  return [header, rule('Required'), ...lines(needed, ''), rule('Optional, with the defaults'), ...lines(optional, '# ')].join('\n')
}
