import type { Fault, FaultSpec } from '../control/scene-shapes.ts'

/** What a fault does to the connection instead of (or while) answering. */
type Mishap =
  | { readonly how: 'answers'; readonly status: number | 'usual'; readonly body: 'usual' | 'documented' | 'empty' | 'html' | 'wrong-shape' }
  | { readonly how: 'answers-with'; readonly status: number; readonly body: unknown }
  | { readonly how: 'resets' | 'keeps-silent' | 'breaks-off' }

/** One fault, resolved: whether the platform acts, when it answers, with what. */
export interface Trouble {
  readonly acts: boolean
  readonly mishap: Mishap
  readonly delayMs: number
  readonly headers: Readonly<Record<string, string>>
}

/** What each kind of fault means; `acts` may be overridden where the kind allows it. */
function troubleOf(fault: Fault): Trouble {
  const trouble = (acts: boolean, mishap: Mishap, headers = {}): Trouble => ({
    acts: 'acts' in fault ? (fault.acts ?? acts) : acts,
    mishap,
    delayMs: 0,
    headers,
  })
  switch (fault.kind) {
    case 'status':
      if (fault.body !== undefined) return trouble(false, { how: 'answers-with', status: fault.status, body: fault.body }, fault.headers)
      return trouble(false, { how: 'answers', status: fault.status, body: 'documented' }, fault.headers)
    case 'empty':
    case 'html':
      return trouble(false, { how: 'answers', status: fault.status, body: fault.kind })
    case 'wrong-shape':
      return trouble(true, { how: 'answers', status: 'usual', body: 'wrong-shape' })
    case 'delay':
      return { ...trouble(true, { how: 'answers', status: 'usual', body: 'usual' }), delayMs: fault.ms }
    case 'rate-limited':
      return trouble(false, { how: 'answers', status: 429, body: 'documented' }, { 'retry-after': String(fault.retryAfterSeconds) })
    case 'conflict':
      return trouble(false, { how: 'answers', status: 409, body: 'documented' })
    case 'silence':
      return trouble(false, { how: 'keeps-silent' })
    case 'half-response':
      return trouble(true, { how: 'breaks-off' })
    case 'reset-before':
      return trouble(false, { how: 'resets' })
    case 'reset-after':
      return trouble(true, { how: 'resets' })
  }
}

interface SetFault {
  readonly operation: string
  readonly conversationId: string | undefined
  readonly trouble: Trouble
  skip: number
  left: number
}

/** The faults in waiting, in the order in which they were set; the first that matches a request is spent on it. */
export class Faults {
  #faults: SetFault[] = []

  add(spec: FaultSpec): void {
    const { operation = '*', conversationId, skip = 0, times = 1, fault } = spec
    this.#faults.push({ operation, conversationId, trouble: troubleOf(fault), skip, left: times === 'always' ? Infinity : times })
  }

  /** The trouble that this request meets, if any. One that still lets requests through counts this one. */
  next(operation: string, conversationId: string | undefined): Trouble | undefined {
    for (const fault of this.#faults) {
      if (fault.operation !== '*' && fault.operation !== operation) continue
      if (fault.conversationId !== undefined && fault.conversationId !== conversationId) continue
      if (fault.skip > 0) {
        fault.skip -= 1
        continue
      }
      fault.left -= 1
      if (fault.left <= 0) this.#faults = this.#faults.filter((other) => other !== fault)
      return fault.trouble
    }
    return undefined
  }

  clear(): void {
    this.#faults = []
  }
}
