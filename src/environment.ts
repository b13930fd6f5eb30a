/** Reads the settings of the service from its environment. The settings themselves are in environment/settings.ts. */
import { settings, type Setting } from './environment/settings.ts'

/** A setting is missing or malformed. The message names the setting and never repeats a secret. */
export class InvalidSetting extends Error {
  readonly setting: string
  constructor(setting: string, reason: string) {
    super(`${setting}: ${reason}`)
    this.name = 'InvalidSetting'
    this.setting = setting
  }
}

export type SettingName = keyof typeof settings
export type Environment = { readonly [Name in SettingName]: ReturnType<(typeof settings)[Name]['parse']> }

/**
 * Reads the settings from an environment such as `process.env`. An empty or blank value counts as absent.
 * @throws InvalidSetting for the first setting that is missing or malformed
 */
export function readEnvironment(source: Record<string, string | undefined>): Environment {
  const entries = Object.entries<Setting<unknown>>(settings).map(([name, { description, parse, default: defaultText, alias = name }]) => {
    const text = source[alias]?.trim() || source[name]?.trim() || defaultText
    if (text === undefined) throw new InvalidSetting(name, `is required (${description})`)
    try {
      return [name, parse(text)] as const
    } catch (error) {
      throw new InvalidSetting(name, (error as Error).message)
    }
  })
  const environment = Object.fromEntries(entries) as Environment
  if (environment.CRM_WEBHOOK_URL.length > 0 && !environment.CRM_WEBHOOK_SECRET)
    throw new InvalidSetting('CRM_WEBHOOK_SECRET', 'is required with CRM_WEBHOOK_URL')
  return environment
}

/** Every secret in the settings, one by one: the values that no log line may contain. */
export function collectSecrets(environment: Environment): string[] {
  const ownSecrets = Object.entries<Setting<unknown>>(settings).flatMap(([name, { isSecret }]) => {
    const value = environment[name as SettingName]
    return isSecret && typeof value === 'string' ? value.split(/[,;]/) : []
  })
  const { DATABASE_URL, HTTPS_PROXY, HTTP_PROXY } = environment
  const passwords = [URL.parse(DATABASE_URL), HTTPS_PROXY, HTTP_PROXY].map((url) => url?.password ?? '')
  const seedKeys = environment.API_KEYS.split(',').map((entry) => entry.split(':')[0] ?? '')
  return [...ownSecrets, ...passwords, ...passwords.map(decodeURIComponent), ...seedKeys].map((secret) => secret.trim()).filter(Boolean)
}
