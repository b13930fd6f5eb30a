/** What an `errorInfo` on a leg means for the transfer (docs/genesys-cloud.md rules 24 and 38). */
import t from 'tap'
import { customer, ivr } from '../fixtures.ts'
import { ann, dialedParty, heldByIvr, ivrGone, salesQueue, testProgress, toAgent, toNumber, toQueue } from './cases.ts'

testProgress(t, [
  {
    event: 'the only new leg ended with an error code',
    before: heldByIvr,
    participants: [customer(), ivr(), dialedParty({ endedAt: 5, errorCode: 'error.ininedgecontrol.session.inactive' })],
    to: toNumber,
    expected: { status: 'failed', reason: 'the platform reported error.ininedgecontrol.session.inactive', bounces: 0 },
  },
  {
    event: 'the error code quotes the number',
    before: heldByIvr,
    participants: [customer(), ivr(), dialedParty({ endedAt: 5, errorCode: 'cannot dial +18125550100' })],
    to: toNumber,
    expected: { status: 'failed', reason: 'the platform reported an error on the new leg', bounces: 0 },
  },
  {
    event: 'the error has a message and no code',
    before: heldByIvr,
    participants: [
      customer(),
      ivr(),
      { ...dialedParty(), calls: [{ id: 'l', state: 'terminated', errorInfo: { message: 'It cannot be dialed.' } }] },
    ],
    to: toNumber,
    expected: { status: 'failed', reason: 'the platform reported an error on the new leg', bounces: 0 },
  },
  {
    event: 'the only offer of the queue ended with an error, and the leg of the queue is not shown',
    before: heldByIvr,
    participants: [customer(), ivrGone, ann({ endedAt: 5, errorCode: 'e.one' })],
    to: toQueue,
    expected: { status: 'unmoved', bounces: 1 },
  },
])

for (const state of ['alerting', 'dialing', 'contacting', 'offering'])
  testProgress(t, [
    {
      event: `the agent's leg is ${state} and has an error code`,
      before: heldByIvr,
      participants: [customer(), ivrGone, ann({ state, errorCode: 'e.one' })],
      to: toAgent,
      expected: { status: 'ringing', userId: 'ann', bounces: 0 },
    },
    {
      event: `the dialed leg is ${state} and has an empty errorInfo`,
      before: heldByIvr,
      participants: [customer(), ivrGone, { ...dialedParty(), calls: [{ id: 'l', state, errorInfo: {} }] }],
      to: toNumber,
      expected: { status: 'ringing', bounces: 0 },
    },
    {
      event: `the leg of the queue is ${state} and has an error code`,
      before: heldByIvr,
      participants: [customer(), ivrGone, salesQueue({ state, errorCode: 'e.one' })],
      to: toQueue,
      expected: { status: 'waiting', bounces: 0 },
    },
  ])
