/**
 * OpenSprinkler firmware 2.2, by HTTP on the farm's own network, or by MQTT where HTTP cannot reach it. Result 1 is
 * queued, not open: stations of one sequential group wait for each other, so it is opened only into an empty queue, or
 * in a parallel group. Source: opensprinkler_server.cpp and mqtt.cpp of firmware 2.2.1, measured on its demo build.
 */
import type { AddressOf, Bound, Driver, StateReport } from './driver-types.ts'
import {
  answered,
  CLOSE_EVERY_MS,
  closedBy,
  jsonMessage,
  httpGet,
  means,
  opening,
  plan,
  publish,
  says,
  secondsOf,
  waitFor,
} from './plan-parts.ts'

type ByHttp = AddressOf<'opensprinkler'>
type ByMqtt = AddressOf<'opensprinkler-mqtt'>

const ANSWER_MS = 5_000
const NEWS_MS = 15_000
const CLOSED_AFTER_MS = 10_000
const POLL_MS = 5_000
/** The program that `ps` names for a run started by hand. */
const MANUAL = 99
/** The longest run that its own programs and app can start. */
const OWN_MAX_MS = 64_800_000

const bound: Bound = { isInDevice: true, stepMs: 1000, minMs: 1000, maxMs: 1_800_000, isTrusted: true }

const change = ({ passwordDigest, station }: ByHttp | ByMqtt, rest: string): string =>
  `cm?pw=${passwordDigest}&sid=${station}&${rest}`
const request = (to: ByHttp, path: string) => httpGet(`${to.httpBase}/${path}`)
const statusUrl = (to: ByHttp): string => `${to.httpBase}/jc?pw=${to.passwordDigest}`
/** The key of a station's bit in `sbits`, and the value when it is on. */
function bitOf(station: number): [key: string, isOn: number] {
  const mask = 1 << (station & 7)
  return [`sbits[${station >> 3}]&${mask}`, mask]
}
const isOn = (to: ByHttp, rest: Record<string, number> = {}) => {
  const [key, value] = bitOf(to.station)
  return answered(statusUrl(to), { [key]: value, ...rest })
}
const isOff = (to: ByHttp) => answered(statusUrl(to), { [bitOf(to.station)[0]]: 0 })
const news = ({ topicRoot, station }: ByHttp | ByMqtt, state: 0 | 1) =>
  jsonMessage(`${topicRoot}/station/${station}`, { state })
const newsReports = (to: ByHttp | ByMqtt): StateReport[] => [
  says(news(to, 1), 'open'),
  says(news(to, 0), 'closed'),
]

export const openSprinkler: Driver = {
  name: 'opensprinkler',
  via: ['opensprinkler'],
  models: [],
  bound,
  refused: null,
  needs: 'programs-off',
  othersBoundMs: OWN_MAX_MS,
  pollEveryMs: POLL_MS,
  closesOnlyOpen: false,
  uplinkTopic: () => null,
  requirementsOf: () => [],
  reportsOf: (to) => [
    ...newsReports(to as ByHttp),
    says(isOn(to as ByHttp), 'open'),
    says(isOff(to as ByHttp), 'closed'),
  ],
  planOf(to, intent) {
    const address = to as ByHttp
    switch (intent.op) {
      case 'open': {
        const open = request(address, change(address, `en=1&t=${secondsOf(intent.durMs)}`))
        const status = httpGet(statusUrl(address))
        const isQueueEmpty = answered(status.url, { nq: 0 })
        return plan([opening(open)], {
          before: address.isParallel ? [] : [status, waitFor(isQueueEmpty, ANSWER_MS)],
          runMs: intent.durMs,
          acknowledgements: [
            means(answered(open.url, { result: 1 }), 'queued'),
            // it runs or waits already, or is a master
            means(answered(open.url, { result: 48 }), 'rejected'),
            // the password
            means(answered(open.url, { result: 2 }), 'rejected'),
            // out of bounds
            means(answered(open.url, { result: 17 }), 'rejected'),
            means(isOn(address, { [`ps[${address.station}][0]`]: MANUAL }), 'running'),
          ],
          closedProofs: [
            closedBy(news(address, 0), intent.durMs + CLOSED_AFTER_MS),
            closedBy(isOff(address)),
          ],
        })
      }
      case 'close': {
        const close = request(address, change(address, 'en=0'))
        return plan([close], {
          acknowledgements: [
            means(answered(close.url, { result: 1 }), 'closed'),
            means(answered(close.url, { result: 17 }), 'idle'),
          ],
          repeatEveryMs: CLOSE_EVERY_MS,
        })
      }
      case 'query':
        return plan([httpGet(statusUrl(address))])
      case 'stop-all':
        return plan([request(address, `cv?pw=${address.passwordDigest}&rsn=1`)])
      case 'withdraw':
        return plan([])
      case 'setup':
        return null
    }
  },
}

/**
 * By MQTT it answers no command; its news shows when a station is on or off. An open of a station that runs replaces its
 * time, a close of one that is idle is not guarded in its firmware: neither is sent.
 */
export const openSprinklerMqtt: Driver = {
  name: 'opensprinkler-mqtt',
  via: ['opensprinkler-mqtt'],
  models: [],
  bound,
  refused: null,
  needs: 'short-topic',
  othersBoundMs: OWN_MAX_MS,
  pollEveryMs: null,
  closesOnlyOpen: true,
  uplinkTopic: () => null,
  requirementsOf: () => [],
  reportsOf: (to) => newsReports(to as ByMqtt),
  planOf(to, intent) {
    const address = to as ByMqtt
    const command = (rest: string) => ({
      ...publish(address.subscribedTopic, change(address, rest)),
      qos: 0 as const,
    })
    switch (intent.op) {
      case 'open':
        return plan([opening(command(`en=1&t=${secondsOf(intent.durMs)}`))], {
          runMs: intent.durMs,
          acknowledgements: [means(news(address, 1), 'running', NEWS_MS)],
          closedProofs: [closedBy(news(address, 0), intent.durMs + CLOSED_AFTER_MS)],
        })
      case 'close':
        return plan([command('en=0')], {
          closedProofs: [closedBy(news(address, 0), NEWS_MS)],
          repeatEveryMs: CLOSE_EVERY_MS,
        })
      case 'withdraw':
        return plan([])
      case 'query':
      case 'setup':
      case 'stop-all':
        return null
    }
  },
}
