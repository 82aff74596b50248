/** When a gauge shows new rain. */
import { expect, it } from 'vitest'
import { rainDetector } from '../../../services/ingest/rain-detector.ts'
import type { Reading } from '../../../services/ports.ts'

const gauge = (value: number | null, over: Partial<Reading> = {}): Reading => ({
  org: 'coop',
  farm: 'farm1',
  field: '-',
  device: 'station1',
  quantity: 'rain.cumulative',
  depthCm: null,
  atMs: 0,
  value,
  flag: 1,
  origin: 'measured',
  ...over,
})

it('a tip since its last message is rain; its first message, a repetition, an older message and a gap are not', () => {
  const isRain = rainDetector()
  expect([400, 400, 400.1, 400.2, 400, 400.2, null, 401].map((value) => isRain(gauge(value)))).toEqual([
    ...[false, false, false, true, false, false, false, true],
  ])
})

it('each gauge counts for itself, and no other quantity is rain', () => {
  const isRain = rainDetector()
  isRain(gauge(10))
  expect(isRain(gauge(20, { device: 'station2' }))).toBe(false)
  expect(isRain(gauge(20, { org: 'other' }))).toBe(false)
  expect(isRain(gauge(99, { quantity: 'soil.moisture' }))).toBe(false)
  expect(isRain(gauge(11))).toBe(true)
})
