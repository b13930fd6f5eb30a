/** How code may write a fault: with `times: Infinity`, which JSON cannot express, so that HTTP clients write "always" instead. */

/** A fault spec whose `times` may also be Infinity. */
export type FaultInput<Spec extends { times?: unknown }> = Omit<Spec, 'times'> & { readonly times?: number | 'always' }

/** Replaces `times: Infinity` by "always". The result is not checked yet. */
export function normalizeTimes<Spec extends { times?: unknown }>(options: FaultInput<Spec>): Spec {
  return { ...options, ...(options.times === Infinity && { times: 'always' }) } as unknown as Spec
}
