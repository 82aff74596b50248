/**
 * A relay with Tasmota. PulseTime ends the run in the device; ON starts it again, so ON leaves once. `Delay`, rules and
 * `TimedPower` are lost with the queue and are not used. Source: Tasmota docs, Commands.md and MQTT.md.
 */
import type { AddressOf, Driver } from './driver-types.ts'
import {
  CLOSE_EVERY_MS,
  closedBy,
  jsonMessage,
  means,
  opening,
  plan,
  publish,
  says,
  secondsOf,
  waitFor,
} from './plan-parts.ts'

type Address = AddressOf<'tasmota'>

const ANSWER_MS = 5_000
const CLOSED_AFTER_MS = 10_000
/** PulseTime 112 to 64900 is seconds + 100; below it counts tenths of a second. */
const PULSE_OFFSET = 100

const command = ({ topic }: Address, name: string, payload: string) =>
  publish(`cmnd/${topic}/${name}`, payload)
const result = ({ topic }: Address): string => `stat/${topic}/RESULT`

/** A device with one relay writes POWER, one with several POWER1, POWER2. */
function power(address: Address, value: 'ON' | 'OFF') {
  const key = address.relay === 1 ? 'POWER1|POWER' : `POWER${address.relay}`
  return jsonMessage(result(address), { [key]: value })
}

export const tasmotaRelay: Driver = {
  name: 'tasmota-relay',
  via: ['tasmota'],
  models: [],
  bound: { isInDevice: true, stepMs: 1000, minMs: 12_000, maxMs: 1_800_000, isTrusted: true },
  refused: null,
  needs: null,
  othersBoundMs: 1_800_000,
  pollEveryMs: null,
  closesOnlyOpen: false,
  uplinkTopic: () => null,
  requirementsOf: () => [],
  reportsOf: (to) => [says(power(to as Address, 'ON'), 'open'), says(power(to as Address, 'OFF'), 'closed')],
  planOf(to, intent) {
    const address = to as Address
    const pulse = `PulseTime${address.relay}`
    const relay = `Power${address.relay}`
    switch (intent.op) {
      case 'open': {
        const value = secondsOf(intent.durMs) + PULSE_OFFSET
        return plan(
          [
            command(address, pulse, `${value}`),
            waitFor(jsonMessage(result(address), { [`${pulse}.Set`]: value }), ANSWER_MS),
            opening(command(address, relay, 'ON')),
          ],
          {
            runMs: intent.durMs,
            acknowledgements: [means(power(address, 'ON'), 'running', ANSWER_MS)],
            closedProofs: [closedBy(power(address, 'OFF'), intent.durMs + CLOSED_AFTER_MS)],
          },
        )
      }
      case 'close':
        return plan([command(address, relay, 'OFF')], {
          closedProofs: [closedBy(power(address, 'OFF'), ANSWER_MS)],
          repeatEveryMs: CLOSE_EVERY_MS,
        })
      case 'query':
        return plan([command(address, pulse, ''), command(address, relay, '')])
      // after a power cut a relay that is restored begins its pulse again (issue 23526): it starts closed
      case 'setup':
        return plan([
          command(
            address,
            'Backlog',
            `PowerOnState 0; PowerRetain 0; ${pulse} ${secondsOf(intent.capMs) + PULSE_OFFSET}; SetOption0 0`,
          ),
        ])
      case 'withdraw':
        return plan([])
      case 'stop-all':
        return null
    }
  },
}
