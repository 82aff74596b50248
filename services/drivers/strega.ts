/**
 * Strega Smart Valve: read and closed, never opened. A timed open is fPort 2 `[status, time]`, and the maker does not say
 * which status counts minutes; fPort 1 knows no time. Source: lorawan-devices, vendor/strega.
 */
import type { Driver } from './driver-types.ts'
import { downlink, uplinkSays, uplinkTopicOf, withdrawal, type LorawanAddress } from './lorawan-downlink.ts'
import { closedBy, plan, says } from './plan-parts.ts'

const F_PORT = 1
const ASCII_CLOSE = Buffer.from('0')
const CLOSE_EVERY_MS = 30_000

const isClosed = (to: LorawanAddress) => uplinkSays(to, 'Actuator', '0')

export const stregaSmartValve: Driver = {
  name: 'strega-smart-valve',
  via: ['chirpstack', 'the-things-stack'],
  models: ['smart-valve'],
  bound: null,
  refused: {
    code: 'VALVE_UNBOUNDED',
    why: 'unit-unknown',
    mayClose: true,
    mayBeRead: true,
  },
  needs: null,
  othersBoundMs: null,
  pollEveryMs: null,
  closesOnlyOpen: false,
  uplinkTopic: (to) => uplinkTopicOf(to as LorawanAddress),
  requirementsOf: () => [],
  reportsOf: (to) => [
    says(uplinkSays(to as LorawanAddress, 'Actuator', '1'), 'open'),
    says(isClosed(to as LorawanAddress), 'closed'),
  ],
  planOf(to, intent) {
    const address = to as LorawanAddress
    switch (intent.op) {
      case 'close': {
        const message = { fPort: F_PORT, bytes: ASCII_CLOSE, isConfirmed: true, expires: false }
        return plan([downlink(address, intent, message)], {
          closedProofs: [closedBy(isClosed(address))],
          repeatEveryMs: CLOSE_EVERY_MS,
        })
      }
      case 'withdraw':
        return plan(withdrawal(address))
      case 'open':
      case 'query':
      case 'setup':
      case 'stop-all':
        return null
    }
  },
}
