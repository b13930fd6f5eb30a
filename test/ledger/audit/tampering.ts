/** Tamperings by chance, of every kind that we know. */
import { tamperingsOfChains } from './tampering-chains.ts'
import type { Dice, Tampering, Trail } from './tampering-hand.ts'
import { tamperingsOfRows } from './tampering-rows.ts'

const kinds = { ...tamperingsOfRows, ...tamperingsOfChains }

/** One tampering of each kind in turn; those of several chains are left out where there is one. */
export function* tamperings(chance: Dice, trail: Trail, many: number): Generator<Tampering & { kind: string }> {
  const several: readonly string[] = ['a head copied from another chain', 'chains deleted with their heads']
  const names = Object.keys(kinds).filter((kind) => trail.chains.size > 1 || !several.includes(kind))
  for (let made = 0; made < many;) {
    // Every second one edits one column: there are many of those.
    const kind = made % 2 === 0 ? 'one column edited' : String(names[(made >> 1) % names.length])
    let tampering: Tampering | undefined
    while (!tampering) tampering = kinds[kind]?.(chance, trail)
    yield { kind, ...tampering }
    made++
  }
}
