/** Whether a callback can be created with client credentials, and whether its data shows (docs/genesys-cloud.md rule 94). */
import { probeAttribute } from '../recording/probe-attribute.ts'
import { answered, formatStatus, refusalOf, unanswered, whyNotReached, type Question } from './question.ts'

export const callback: Question = {
  id: 'callback',
  readme: 8,
  asks: 'Can a callback be created, and does its data show at once?',
  needs: '--callback-number',
  answer(evidence) {
    const command = evidence.exchanges('POST /conversations/{id}/participants/{id}/callbacks').find(({ step }) => step === 'callback')
    if (command === undefined) return unanswered(evidence.whySkipped('callback') ?? whyNotReached(evidence))
    if (command.missingPermissions !== undefined) return unanswered(`the role lacks ${command.missingPermissions.join(', ')}`)
    if (command.status >= 300)
      return answered(`No: it is refused with ${formatStatus(command)}.`, { isCreated: false, refused: refusalOf(command) })
    const answeredAtMs = command.atMs + command.tookMs
    const later = evidence.looks.filter(({ atMs }) => atMs >= answeredAtMs)
    const callbackLook = later.find(({ conversation }) => conversation.participants.some(({ callbackIds = [] }) => callbackIds.length > 0))
    const dataLook = later.find(({ conversation }) =>
      conversation.participants.some(({ attributes }) => (attributes[probeAttribute] ?? '') !== ''),
    )
    if (callbackLook === undefined)
      return answered(`It is accepted (${command.status}), and the conversation does not show it.`, { isCreated: false })
    const shownAfterMs = Math.max(0, callbackLook.atMs - answeredAtMs)
    if (dataLook === undefined)
      return answered(`Yes, after ${shownAfterMs} ms, but its data does not show.`, { isCreated: true, shownAfterMs, showsData: false })
    const dataAfterMs = Math.max(0, dataLook.atMs - answeredAtMs)
    return answered(`Yes: it shows after ${shownAfterMs} ms, its data after ${dataAfterMs} ms.`, {
      isCreated: true,
      shownAfterMs,
      showsData: true,
      dataAfterMs,
    })
  },
}
