/** Whether Handoff understands the conversation, and who has the call. */
import { checkTransferable } from '../../conversations/transferable.ts'
import { answered, unanswered, whyNotReached, type Question } from './question.ts'

export const callShape: Question = {
  id: 'call-shape',
  asks: 'Does Handoff understand the call, and could it move it?',
  needs: 'a call that is in a flow',
  answer(evidence) {
    const look = evidence.looks.find(({ step }) => step === 'call')
    if (look === undefined) {
      const read = evidence.exchanges('GET /conversations/{id}').find(({ step }) => step === 'call')
      return read?.status === 200
        ? answered('No: it could not be understood.', { isUnderstood: false })
        : unanswered(read ? `the conversation could not be read (${read.status})` : whyNotReached(evidence))
    }
    const result = checkTransferable(look.conversation)
    if (!result.isTransferable)
      return answered(`It is understood, but it could not be moved: ${result.reason}.`, { isUnderstood: true, isTransferable: false })
    const { purpose } = result.holder
    return answered(`Yes. A participant with the purpose "${purpose}" had it.`, {
      isUnderstood: true,
      isTransferable: true,
      heldBy: purpose,
    })
  },
}
