/** The refusal of the control API: the instruction is not possible, and nothing was changed. */
export class ControlError extends Error {
  override readonly name = 'ControlError'
}
