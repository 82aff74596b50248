/**
 * ESPHome over MQTT: the sprinkler component with a number for its run time, and valves and switches, which know no time
 * and are never opened. States are retained by default: a retained one proves nothing. Source: esphome-docs, mqtt and
 * sprinkler.
 */
import type { AddressOf, Driver } from './driver-types.ts'
import {
  CLOSE_EVERY_MS,
  closedBy,
  textMessage,
  means,
  opening,
  plan,
  publish,
  says,
  secondsOf,
  waitFor,
} from './plan-parts.ts'

type Address = AddressOf<'esphome'>

const ANSWER_MS = 5_000
const CLOSED_AFTER_MS = 10_000

const topicOf = ({ prefix, id }: Address, kind: string, end: string): string =>
  `${prefix}/${kind}/${id}${end}`

/** How a component reports, and is ordered, that it is open or closed. */
interface Words {
  kind: 'switch' | 'valve'
  open: string
  closed: string
  close: string
}

const report = (to: Address, words: Words, state: 'open' | 'closed') =>
  textMessage(topicOf(to, words.kind, '/state'), words[state])

const reports =
  (words: Words): Driver['reportsOf'] =>
  (to) =>
    (['open', 'closed'] as const).map((state) => says(report(to as Address, words, state), state))

const close = (to: Address, words: Words) =>
  plan([publish(topicOf(to, words.kind, '/command'), words.close)], {
    closedProofs: [closedBy(report(to, words, 'closed'), ANSWER_MS)],
    repeatEveryMs: CLOSE_EVERY_MS,
  })

const onOff: Words = { kind: 'switch', open: 'ON', closed: 'OFF', close: 'OFF' }

export const esphomeSprinkler: Driver = {
  name: 'esphome-sprinkler',
  via: ['esphome'],
  models: [],
  bound: { isInDevice: true, stepMs: 1000, minMs: 1000, maxMs: 1_800_000, isTrusted: true },
  refused: null,
  // run_duration_number in seconds, valve switches ALWAYS_OFF, no repeat, no auto advance, multiplier 1
  needs: 'sprinkler-settings',
  othersBoundMs: null,
  pollEveryMs: null,
  closesOnlyOpen: false,
  uplinkTopic: () => null,
  requirementsOf: () => [],
  reportsOf: reports(onOff),
  planOf(to, intent) {
    const address = to as Address
    const duration = (end: string) => topicOf(address, 'number', `_run_duration${end}`)
    switch (intent.op) {
      case 'open': {
        const seconds = `${secondsOf(intent.durMs)}`
        return plan(
          [
            publish(duration('/command'), seconds),
            waitFor(textMessage(duration('/state'), seconds), ANSWER_MS),
            opening(publish(topicOf(address, 'switch', '/command'), 'ON')),
          ],
          {
            runMs: intent.durMs,
            acknowledgements: [means(report(address, onOff, 'open'), 'running', ANSWER_MS)],
            closedProofs: [closedBy(report(address, onOff, 'closed'), intent.durMs + CLOSED_AFTER_MS)],
          },
        )
      }
      case 'close':
        return close(address, onOff)
      case 'withdraw':
        return plan([])
      // it reports its state on change and after each connection; it has no question
      case 'query':
      case 'setup':
      case 'stop-all':
        return null
    }
  },
}

/** A component that knows no time. */
const unbounded = (name: string, words: Words): Driver => ({
  name,
  via: ['esphome'],
  models: [],
  bound: null,
  refused: {
    code: 'VALVE_UNBOUNDED',
    why: 'no-duration',
    mayClose: true,
    mayBeRead: true,
  },
  needs: null,
  othersBoundMs: null,
  pollEveryMs: null,
  closesOnlyOpen: false,
  uplinkTopic: () => null,
  requirementsOf: () => [],
  reportsOf: reports(words),
  planOf: (to, { op }) =>
    op === 'close' ? close(to as Address, words) : op === 'withdraw' ? plan([]) : null,
})

export const esphomeDrivers: readonly Driver[] = [
  esphomeSprinkler,
  unbounded('esphome-valve', { kind: 'valve', open: 'open', closed: 'closed', close: 'CLOSE' }),
  unbounded('esphome-switch', onOff),
]
