/**
 * A Shelly switch of the second generation or later, by RPC over MQTT. `src` lies inside the device's own tree, so that
 * its answer on `{src}/rpc` needs no other topic. A close never has `toggle_after`: it would open the valve again.
 * Source: shelly-api-docs, Switch and Notifications.
 */
import type { AddressOf, Driver, RequestIds } from './driver-types.ts'
import {
  CLOSE_EVERY_MS,
  closedBy,
  jsonMessage,
  means,
  opening,
  plan,
  publishJson,
  says,
  secondsOf,
} from './plan-parts.ts'

type Address = AddressOf<'shelly'>

const ANSWER_MS = 5_000
const READ_BACK_MS = 30_000
const CLOSED_AFTER_MS = 10_000

const sourceOf = ({ id }: Address): string => `${id}/tilth`
const call = (to: Address, { requestId }: RequestIds, method: string, params: object) =>
  publishJson(`${to.id}/rpc`, { id: requestId, src: sourceOf(to), method, params })
const answer = (to: Address, fields: Record<string, number | boolean>) =>
  jsonMessage(`${sourceOf(to)}/rpc`, fields)
const notified = (to: Address, output: boolean, rest: Record<string, string> = {}) =>
  jsonMessage(`${to.id}/events/rpc`, {
    method: 'NotifyStatus',
    [`params.switch:${to.channel}.output`]: output,
    ...rest,
  })
const closedByTimer = (to: Address) =>
  notified(to, false, { [`params.switch:${to.channel}.source`]: 'timer' })

export const shellyGen2: Driver = {
  name: 'shelly-gen2',
  via: ['shelly'],
  models: [],
  bound: { isInDevice: true, stepMs: 1000, minMs: 1000, maxMs: 1_800_000, isTrusted: true },
  refused: null,
  needs: null,
  othersBoundMs: 1_800_000,
  pollEveryMs: null,
  closesOnlyOpen: false,
  uplinkTopic: () => null,
  requirementsOf: () => [],
  reportsOf(to) {
    const address = to as Address
    const status = (output: boolean) =>
      answer(address, { 'result.id': address.channel, 'result.output': output })
    return [
      says(closedByTimer(address), 'closed', true),
      says(notified(address, false), 'closed'),
      says(notified(address, true), 'open'),
      says(status(false), 'closed'),
      says(status(true), 'open'),
    ]
  },
  planOf(to, intent) {
    const address = to as Address
    const id = address.channel
    switch (intent.op) {
      case 'open': {
        const seconds = secondsOf(intent.durMs)
        const ofThis = { id: intent.requestId }
        return plan([opening(call(address, intent, 'Switch.Set', { id, on: true, toggle_after: seconds }))], {
          runMs: intent.durMs,
          acknowledgements: [
            means(answer(address, { ...ofThis, 'result.was_on': false }), 'running', ANSWER_MS),
            means(answer(address, { ...ofThis, 'result.was_on': true }), 'was-open', ANSWER_MS),
          ],
          boundProofs: [
            {
              message: answer(address, { 'result.output': true, 'result.timer_duration': seconds }),
              withinMs: READ_BACK_MS,
            },
          ],
          closedProofs: [closedBy(closedByTimer(address), intent.durMs + CLOSED_AFTER_MS, true)],
        })
      }
      case 'close':
        return plan([call(address, intent, 'Switch.Set', { id, on: false })], {
          // the answer shows what it was; that it was carried out is in the answer itself
          closedProofs: [
            closedBy(answer(address, { id: intent.requestId, 'result.was_on': true }), ANSWER_MS),
            closedBy(answer(address, { id: intent.requestId, 'result.was_on': false }), ANSWER_MS),
          ],
          repeatEveryMs: CLOSE_EVERY_MS,
        })
      case 'query':
        return plan([call(address, intent, 'Switch.GetStatus', { id })])
      case 'setup': {
        const config = {
          initial_state: 'off',
          auto_on: false,
          auto_off: true,
          auto_off_delay: secondsOf(intent.capMs),
        }
        return plan([call(address, intent, 'Switch.SetConfig', { id, config })])
      }
      case 'withdraw':
        return plan([])
      case 'stop-all':
        return null
    }
  },
}
