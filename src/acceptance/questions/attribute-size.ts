/** How large a participant attribute of a call may be (docs/genesys-cloud.md rule 14). */
import { answered, unanswered, whyNotReached, type Question } from './question.ts'

export const attributeSize: Question = {
  id: 'attribute-size',
  readme: 4,
  asks: 'How large may a participant attribute of a call be?',
  needs: 'nothing',
  answer(evidence) {
    const probes = evidence.entries('attribute')
    if (probes.length === 0) return unanswered(evidence.whySkipped('attributes') ?? whyNotReached(evidence))
    const keptSizes = probes.filter(({ size, kept }) => kept === size).map(({ size }) => size)
    const atLeast = Math.max(0, ...keptSizes)
    const failed = probes.find(({ size, kept }) => kept !== size)
    if (failed === undefined) return answered(`At least ${atLeast} characters; more were not tried.`, { atLeast })
    const how = failed.kept > 0 ? `is cut to ${failed.kept}` : 'is not kept'
    return answered(`At least ${atLeast} characters; one of ${failed.size} ${how}.`, { atLeast, below: failed.size, kept: failed.kept })
  },
}
