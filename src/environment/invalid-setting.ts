/** The error for settings that are missing, malformed, or do not fit: what the operator reads when a start is refused. */

/** A setting is missing or malformed. The message names the setting and never repeats a secret. */
export class InvalidSetting extends Error {
  readonly setting: string
  /** The message without the name. */
  readonly reason: string
  constructor(setting: string, reason: string) {
    super(`${setting}: ${reason}`)
    this.name = 'InvalidSetting'
    this.setting = setting
    this.reason = reason
  }
}

/** @throws InvalidSetting for all of them, with a line for each; nothing if there are none */
export function throwInvalid([first, ...others]: readonly InvalidSetting[]): void {
  if (first) throw new InvalidSetting(first.setting, [first.reason, ...others.map(({ message }) => message)].join('\n'))
}
