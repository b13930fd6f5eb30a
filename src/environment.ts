/** Reads the settings of the service from its environment. The settings themselves are in environment/settings.ts. */
import { existsSync } from 'node:fs'
import { InvalidSetting, throwInvalid } from './environment/invalid-setting.ts'
import { settings, type Setting } from './environment/settings.ts'

export { InvalidSetting } from './environment/invalid-setting.ts'

export type SettingName = keyof typeof settings
export type Environment = { readonly [Name in SettingName]: ReturnType<(typeof settings)[Name]['parse']> }

/**
 * Reads the settings from an environment such as `process.env`. An empty or blank value counts as absent.
 * @param options.needsApiKey whether a valid API key is needed. If other settings are wrong, an empty API_KEYS is named with them, unless an
 * SQLite ledger exists that may hold a key. If no other setting is wrong, the key is checked once the ledger is open, not here.
 * @throws InvalidSetting that names every setting that is missing or malformed, a line for each
 */
export function readEnvironment(source: Record<string, string | undefined>, { needsApiKey = false } = {}): Environment {
  const problems: InvalidSetting[] = []
  const readSetting = ([name, { description, parse, default: defaultText, alias = name }]: [string, Setting<unknown>]): unknown => {
    const text = source[alias]?.trim() || source[name]?.trim() || defaultText
    try {
      if (text === undefined) throw new Error(`is required (${description})`)
      // dotenv and Docker Compose remove quotes, `docker run --env-file` does not: the same file would give different secrets.
      if (/^(["'`]).*\1$/.test(text)) throw new Error('has quotes around it: leave them out where the setting is not read from .env')
      return parse(text)
    } catch (error) {
      problems.push(new InvalidSetting(name, (error as Error).message))
      return undefined
    }
  }
  const entries = Object.entries<Setting<unknown>>(settings).map((entry) => [entry[0], readSetting(entry)] as const)
  const environment = Object.fromEntries(entries) as Environment
  if (environment.CRM_WEBHOOK_URL?.length > 0 && !environment.CRM_WEBHOOK_SECRET)
    problems.push(new InvalidSetting('CRM_WEBHOOK_SECRET', 'is required with CRM_WEBHOOK_URL'))
  for (const name of ['AUDIT_KEY', 'LOOP_TOKEN_SECRET'] as const)
    if (environment[`${name}_PREVIOUS`]?.includes(environment[name]))
      problems.push(
        new InvalidSetting(
          `${name}_PREVIOUS`,
          `must not have what ${name} has: it is for the value that ${name} had before, and is empty otherwise`,
        ),
      )
  if (needsApiKey && problems.length > 0 && environment.API_KEYS === '' && !isExistingFile(environment.DATABASE_URL))
    problems.push(new InvalidSetting('API_KEYS', `is required while the ledger has no key (${settings.API_KEYS.description})`))
  throwInvalid(problems)
  return environment
}

/** Whether DATABASE_URL names an SQLite file that exists. Whether a PostgreSQL ledger has keys cannot be known here. */
const isExistingFile = (databaseUrl: string | undefined): boolean =>
  databaseUrl?.startsWith('sqlite:') === true && existsSync(databaseUrl.slice('sqlite:'.length))

/** Every secret in the settings, one by one: the values that no log line may contain. */
export function collectSecrets(environment: Environment): string[] {
  const ownSecrets = Object.entries<Setting<unknown>>(settings).flatMap(([name, { isSecret }]) => {
    const value = environment[name as SettingName]
    if (!isSecret) return []
    return typeof value === 'string' ? value.split(/[,;]/) : Array.isArray(value) ? value.map(String) : []
  })
  const { DATABASE_URL, DATABASE_DIRECT_URL = '', HTTPS_PROXY, HTTP_PROXY } = environment
  const passwords = [URL.parse(DATABASE_URL), URL.parse(DATABASE_DIRECT_URL), HTTPS_PROXY, HTTP_PROXY].map((url) => url?.password ?? '')
  const seedKeys = environment.API_KEYS.split(',').map((entry) => entry.split(':')[0] ?? '')
  return [...ownSecrets, ...passwords, ...passwords.map(decodeURIComponent), ...seedKeys].map((secret) => secret.trim()).filter(Boolean)
}
