/** What an agent is told about a transfer in each state. */
import type { State } from '../../model/states.ts'
import type { TargetType } from '../../model/target-schema.ts'
import { toSentence, type Advice, type Sentences } from './advice.ts'

/** Where a call goes, in words. */
const placeByType: Readonly<Record<TargetType | '', string>> = {
  queue: 'the queue',
  skill: 'the queue for that skill',
  agent: 'the agent',
  number: 'the number',
  callback: 'a callback',
  '': 'its target',
}

const readLater = 'Read it again with get_transfer in a few seconds.'
/** For a repeat with another summary or reason: who takes the call sees those of the first request. */
export const earlierSummaryStays = 'The transfer was requested before: its summary and reason stay as they were.'
const noSecondTransfer = 'Do not transfer it again.'

interface StateAdvice extends Advice {
  /** Whether the message of the transfer, if it has one, says all that `whatHappened` says. */
  messageSaysAll?: true
  /** @param place where the call goes */
  whatHappened: (place: string) => string
}

const adviceByState: Readonly<Record<State, StateAdvice>> = {
  accepted: { whatHappened: () => 'The transfer is being checked.', sayToCaller: 'One moment, please.', nextStep: readLater },
  executing: {
    whatHappened: (place) => `The call is being moved to ${place}.`,
    sayToCaller: 'One moment, I am putting you through.',
    nextStep: readLater,
  },
  decided: { whatHappened: (place) => `It was decided that the call goes to ${place}; the flow moves it.`, nextStep: readLater },
  initiated: {
    whatHappened: (place) => `The call was moved to ${place}, and nobody has picked up yet.`,
    sayToCaller: 'I am putting you through now.',
    nextStep: `${noSecondTransfer} get_transfer says whether somebody has picked up.`,
  },
  picked_up: {
    whatHappened: (place) => `Somebody has picked up the call at ${place}.`,
    nextStep: 'There is nothing left to do for this call.',
  },
  timeout: {
    whatHappened: (place) => `The call was moved to ${place}, nobody picked up in time, and it may still wait there.`,
    nextStep: 'If you still have the caller, offer a callback or help the caller yourself.',
  },
  abandoned: {
    whatHappened: () => 'The caller hung up before anybody picked up.',
    messageSaysAll: true,
    nextStep: 'There is nothing left to do for this call.',
  },
  failed: {
    whatHappened: (place) => `The transfer to ${place} failed.`,
    sayToCaller: 'I am sorry, I could not put you through.',
    nextStep: 'If you still have the caller, help the caller yourself, or transfer to another target.',
  },
  superseded: { whatHappened: () => 'Something else has moved this call since.', nextStep: noSecondTransfer },
  callback_created: {
    whatHappened: () => 'A callback was created.',
    messageSaysAll: true,
    sayToCaller: 'We will call you back. Goodbye.',
    nextStep: 'The call stays where it is: end it once the caller has heard that.',
  },
  rejected: { whatHappened: () => 'The call was not moved.', nextStep: 'Help the caller without this transfer.' },
  indeterminate: {
    whatHappened: () => 'It is not known whether the call was moved.',
    sayToCaller: 'One moment, please.',
    nextStep: `${noSecondTransfer} ${readLater}`,
  },
}

/** The part of an answer that its sentences depend on. */
export interface DescribedTransfer {
  state: State
  targetType: TargetType | ''
  usedFallback: boolean
  /** A reason or a warning in words; empty: there is none. */
  message: string
}

const placeOf = ({ targetType, usedFallback }: DescribedTransfer): string =>
  usedFallback ? `${placeByType[targetType]} that is the fallback, because the target could not take it` : placeByType[targetType]

/** The sentences about a transfer that was requested or read. */
export function describeTransfer(transfer: DescribedTransfer): Sentences {
  const { whatHappened, messageSaysAll, ...advice } = adviceByState[transfer.state]
  const isSaid = messageSaysAll && transfer.message !== ''
  const sentences = [isSaid ? '' : whatHappened(placeOf(transfer)), transfer.message && toSentence(transfer.message)]
  return { whatHappened: sentences.filter(Boolean).join(' '), ...advice }
}

/** The sentences about a check whose answer is that the transfer is possible. */
export function describeCheck(transfer: DescribedTransfer): Sentences {
  const sentence =
    transfer.targetType === 'callback'
      ? 'A callback can be created. Nothing was done yet.'
      : `The call can be moved to ${placeOf(transfer)}. Nothing was moved yet.`
  return {
    whatHappened: transfer.message ? `${sentence} ${toSentence(transfer.message)}` : sentence,
    nextStep: 'If the caller agrees, call transfer_call with the same arguments.',
  }
}
