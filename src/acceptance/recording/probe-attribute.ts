/** The attribute that a run writes to the caller. */

/** It cannot be removed (docs/genesys-cloud.md rule 14), so it is empty in the end, unless a callback has set it. */
export const probeAttribute = 'handoffAcceptance'
