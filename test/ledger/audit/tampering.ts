/** Random tamperings of every kind. */
import type { Random } from './random.ts'
import { chainTamperings } from './tampering-chains.ts'
import { rowTamperings } from './tampering-rows.ts'
import type { Tampering, Trail } from './tampering-statements.ts'

const kinds = { ...rowTamperings, ...chainTamperings }
/** Kinds that need several chains. */
const multiChainKinds: ReadonlySet<string> = new Set(['copy a head from another chain', 'delete chains with their heads'])

/** Creates `count` tamperings, of each kind in turn. Every second one edits one column, because there are many ways to do that. */
export function* createTamperings(random: Random, trail: Trail, count: number): Generator<Tampering & { kind: string }> {
  const names = Object.keys(kinds).filter((kind) => trail.chains.size > 1 || !multiChainKinds.has(kind))
  for (let index = 0; index < count; index++) {
    const kind = index % 2 === 0 ? 'edit one column' : String(names[(index >> 1) % names.length])
    let tampering: Tampering | undefined
    while (!tampering) tampering = kinds[kind]?.(random, trail)
    yield { kind, ...tampering }
  }
}
