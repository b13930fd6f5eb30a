/** The error that refuses to start the service because of its settings. The operator reads its message. */

/** A setting is missing, malformed or does not fit another one. The message names the setting and never repeats a secret. */
export class InvalidSetting extends Error {
  readonly setting: string
  /** The message without the name of the setting. */
  readonly reason: string
  constructor(setting: string, reason: string) {
    super(`${setting}: ${reason}`)
    this.name = 'InvalidSetting'
    this.setting = setting
    this.reason = reason
  }
}

/** Throws one error for all settings in the list; does nothing if it is empty. @throws InvalidSetting with a line for each setting */
export function throwInvalid([first, ...others]: readonly InvalidSetting[]): void {
  if (first) throw new InvalidSetting(first.setting, [first.reason, ...others.map(({ message }) => message)].join('\n'))
}
