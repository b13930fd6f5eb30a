/** How many requests the platform allows. */
import { asText } from '../../model/json-fields.ts'
import { readEntities } from '../evidence/entities.ts'
import { answered, unanswered, whyNotReached, type Question } from './question.ts'

const tokenLimit = 'client.credentials.token.rate.per.minute'

export const limits: Question = {
  id: 'limits',
  asks: 'How many requests a minute does the platform allow?',
  needs: 'nothing',
  answer(evidence) {
    const exchanges = evidence.exchanges('GET /organizations/limits/namespaces/platform.api').filter(({ status }) => status === 200)
    const entities = exchanges.flatMap(({ body }) => readEntities(body))
    const value = entities.find((entity) => asText(entity['key']) === tokenLimit)?.['value']
    if (exchanges.length === 0) return unanswered(whyNotReached(evidence))
    if (typeof value !== 'number') return unanswered('the platform does not list the limit of a token')
    return answered(`${value} for each token.`, { requestsPerMinute: value })
  },
}
