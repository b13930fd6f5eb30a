/** Which participants a consult marks, and whether the mark is cleared afterwards (docs/genesys-cloud.md rule 97). */
import { answered, unanswered, whyNotReached, type Question } from './question.ts'

export const consult: Question = {
  id: 'consult-mark',
  readme: 5,
  asks: 'Which participants does a consult mark, and is it cleared?',
  needs: '--consult-wait, and an agent who consults and ends the consult',
  answer(evidence) {
    const looks = evidence.looks.filter(({ step }) => step === 'consult')
    const why = evidence.whySkipped('consult')
    const marked = new Map(
      looks
        .flatMap(({ conversation }) => conversation.participants.filter(({ isInConsult }) => isInConsult))
        .map((party) => [party.id, party]),
    )
    if (why !== undefined || looks.length === 0) return unanswered(why ?? whyNotReached(evidence))
    const purposes = [...new Set([...marked.values()].map(({ purpose }) => purpose))].toSorted()
    if (purposes.length === 0) return answered('None.', { marked: [] })
    const isCleared = looks.at(-1)?.conversation.participants.every(({ isInConsult }) => !isInConsult) === true
    return answered(`Those with the purpose ${purposes.join(', ')}; the mark ${isCleared ? 'is cleared' : 'stays'}.`, {
      marked: purposes,
      isCleared,
    })
  },
}
