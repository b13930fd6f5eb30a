/** How a fault that code sets differs from one that is set over HTTP, where JSON has no Infinity. */

/** A fault spec whose `times` may also be Infinity. */
export type FaultInput<Spec extends { times?: unknown }> = Omit<Spec, 'times'> & { readonly times?: number | 'always' }

/** Translates `times: Infinity` into "always"; the result still has to be checked. */
export function normalizeTimes<Spec extends { times?: unknown }>(options: FaultInput<Spec>): Spec {
  return { ...options, ...(options.times === Infinity && { times: 'always' }) } as unknown as Spec
}
