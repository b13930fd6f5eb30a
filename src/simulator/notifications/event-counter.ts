/** How many events were sent, lost, or met a fault. */

/** The counts since the start or the last `clear`, as `GET /_simulator/events` returns them. An event for two channels counts twice. */
export interface EventSummary {
  /** Messages sent on a connection, duplicates included. */
  readonly sent: number
  /** Messages sent by topic template, such as `v2.users.{id}.conversations.calls`. */
  readonly counts: Readonly<Record<string, number>>
  /** Messages lost because the channel had no open connection. */
  readonly unheard: number
  /** Events that met each kind of fault. */
  readonly faults: Readonly<Record<'drop' | 'duplicate' | 'delay' | 'cut', number>>
}

const noFaults: EventSummary['faults'] = { drop: 0, duplicate: 0, delay: 0, cut: 0 }

/** Counts events as they are sent, are lost, or meet a fault. */
export class EventCounter {
  #counts = new Map<string, number>()
  #lost = 0
  #faults = { ...noFaults }

  /** Records a message that was sent, by the template of its topic. */
  recordSent(template: string): void {
    this.#counts.set(template, (this.#counts.get(template) ?? 0) + 1)
  }

  recordLost(): void {
    this.#lost += 1
  }

  recordFault(kind: keyof EventSummary['faults']): void {
    this.#faults[kind] += 1
  }

  /** A copy of the counts. */
  summarize(): EventSummary {
    const sent = [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
    return { sent, counts: Object.fromEntries(this.#counts), unheard: this.#lost, faults: { ...this.#faults } }
  }

  clear(): void {
    this.#counts.clear()
    this.#lost = 0
    this.#faults = { ...noFaults }
  }
}
