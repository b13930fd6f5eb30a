/** What became of the events since the start or the last clearing; an event to two channels counts twice. */
export interface Events {
  /** Messages handed to a connection, duplicates included. */
  readonly sent: number
  /** The same by topic, such as `v2.users.{id}.conversations.calls`. */
  readonly counts: Readonly<Record<string, number>>
  /** Lost because the channel had no open connection. */
  readonly unheard: number
  /** How many met each kind of fault. */
  readonly faults: Readonly<Record<'drop' | 'duplicate' | 'delay' | 'cut', number>>
}

const NO_FAULTS: Events['faults'] = { drop: 0, duplicate: 0, delay: 0, cut: 0 }

export class EventCounts {
  #counts = new Map<string, number>()
  #unheard = 0
  #faults = { ...NO_FAULTS }

  /** Notes one message of this topic template: heard by a connection, or lost. */
  handedOver(template: string, heard: boolean): void {
    if (heard) this.#counts.set(template, (this.#counts.get(template) ?? 0) + 1)
    else this.#unheard += 1
  }

  met(kind: keyof Events['faults']): void {
    this.#faults[kind] += 1
  }

  events(): Events {
    const sent = [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
    return { sent, counts: Object.fromEntries(this.#counts), unheard: this.#unheard, faults: { ...this.#faults } }
  }

  clear(): void {
    this.#counts.clear()
    this.#unheard = 0
    this.#faults = { ...NO_FAULTS }
  }
}
