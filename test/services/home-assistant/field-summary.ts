/** A field as another system reads it, for tests. */
import type { FieldSummary } from '../../../services/domain/field-summary.ts'

export const fieldSummary: FieldSummary = {
  id: '7c1e',
  name: 'North field',
  farmName: 'Sato',
  kind: 'upland',
  crop: 'soybean',
  areaM2: 1200,
  timeZone: 'Asia/Tokyo',
  status: 'soon',
  waterLeftMm: 12.34,
  levelMm: null,
  nextRun: { atMs: Date.UTC(2026, 6, 6, 20), mm: 18, minutes: 45 },
  hasProblem: false,
  moisture: [
    { deviceId: 'probe-1', depthCm: 30, percent: 24.56, atMs: 0 },
    { deviceId: 'probe-2', depthCm: 30, percent: 26.1, atMs: 0 },
    { deviceId: 'probe-2', depthCm: null, percent: 20, atMs: 0 },
  ],
  valves: [
    {
      zoneId: 'z1',
      zoneName: 'North 3',
      controllerId: 'ctl-one',
      valve: 'V1',
      position: 'closed',
      maxMinutes: 120,
    },
    {
      zoneId: 'z2',
      zoneName: 'North 4',
      controllerId: 'ctl-one',
      valve: 'V2',
      position: 'open',
      maxMinutes: 20,
    },
  ],
}
