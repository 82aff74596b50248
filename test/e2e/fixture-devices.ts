/** The devices of the fixture's farm. */
import { MINUTE_MS } from '../../broker/contract/time.ts'
import type { DeviceView } from '../../services/api/schemas.ts'
import { cards } from './fixture-farm.ts'

export function devices(nowMs: number): DeviceView[] {
  const device = (
    id: string,
    name: string,
    kind: DeviceView['kind'],
    fieldId: string | null,
    agoMin: number | null,
    batteryV: number | null,
  ): DeviceView => ({
    id,
    name,
    kind,
    fieldId,
    fieldName: cards().find((card) => card.id === fieldId)?.name ?? null,
    lastHeardMs: agoMin === null ? null : nowMs - agoMin * MINUTE_MS,
    everyS: 1200,
    fresh: agoMin === null ? 'never' : agoMin > 120 ? 'lost' : agoMin > 40 ? 'late' : 'ok',
    batteryV,
    batteryLow: batteryV !== null && batteryV < 3,
    revoked: false,
    claimableUntilMs: null,
  })
  return [
    device('station-1', 'Weather hill', 'station', null, 4, 4.02),
    device('probe-1', 'North probe', 'probe', 'north-3', 10, 3.61),
    device('probe-river', 'River probe', 'probe', 'river-bend', 2880, 3.12),
    device('gauge-1', 'Paddy 7 gauge', 'gauge', 'paddy-7', 6, 3.9),
    device('probe-shrine', 'Shrine probe', 'probe', 'shrine-east', 70, 2.91),
    device('trap-1', 'Apple trap', 'trap', 'hill-2', null, null),
    device('controller-1', 'Pump house', 'controller', null, 0.3, 12.6),
  ]
}
