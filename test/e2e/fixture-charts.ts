/** Charts of a field of the fixture's farm: water, level, rain and sensors. */
import { DAY_MS, HOUR_MS, MINUTE_MS, addDays } from '../../broker/contract/time.ts'
import type { FieldCard } from '../../services/api/screens/today-schemas.ts'
import type { FieldDetail } from '../../services/api/screens/field-schemas.ts'
import type { ValueView } from '../../services/api/http/validation/value-schemas.ts'
import { DAY, at, probeOf } from './fixture-day.ts'

export function sensorsOf(card: FieldCard, nowMs: number): FieldDetail['sensors'] {
  const latest = (v: number, fresh: ValueView['fresh'] = 'ok'): ValueView => ({
    v,
    atMs: nowMs - 10 * MINUTE_MS,
    kind: 'measured',
    fresh,
  })
  if (card.kind === 'paddy')
    return [
      {
        quantity: 'water.level',
        unit: 'mm',
        depthCm: null,
        device: 'gauge-1',
        deviceName: 'Gauge 1',
        latest: latest(card.level!.v!),
        suspect: false,
        atMs: [],
        mean: [],
        ahead: null,
      },
    ]
  // the river bend's probe is silent, and the greenhouse has none
  if (card.id === 'greenhouse-1') return []
  const isSilent = card.id === 'river-bend'
  const hours = Array.from({ length: 7 * 24 }, (_, i) => nowMs - (7 * 24 - i) * HOUR_MS)
  const device = probeOf(card)
  return [30, 60].map((depthCm) => {
    const days = [1, 2, 3, 4, 5, 6, 7]
    const mid = days.map((day) => 21.4 + (depthCm - 30) / 10 - day * 0.55)
    return {
      quantity: 'soil.moisture',
      unit: '% vol',
      depthCm,
      device,
      deviceName: device,
      latest: latest(21.4 + (depthCm - 30) / 10, isSilent ? 'lost' : 'ok'),
      suspect: false,
      atMs: hours,
      mean: hours.map((atMs) => 21.4 + (depthCm - 30) / 10 + ((nowMs - atMs) / DAY_MS) * 0.6),
      ahead: isSilent
        ? null
        : {
            atMs: days.map((day) => nowMs + day * DAY_MS),
            mid,
            lo: mid.map((v, i) => v - 0.4 - i * 0.25),
            hi: mid.map((v, i) => v + 0.4 + i * 0.25),
            method: days.map((day) => (depthCm === 60 ? 'persistence' : day > 5 ? 'physics' : 'model')),
            modelId: `soil-moisture:${device}@${depthCm}`,
          },
    }
  })
}

/** mm above the wilting point at the limit of the decision. */
export const LIMIT_MM = 45

/** A sawtooth: the crop uses 4 to 6 mm a day, rain and irrigation refill; it ends at the value of the card. */
export function waterColumns(
  card: FieldCard,
  days: number,
  nowMs: number,
): NonNullable<FieldDetail['water']> {
  const stepH = days <= 1 ? 1 : days <= 7 ? 6 : 24
  const { leftMm, ofMm } = card.water!
  const left: number[] = [LIMIT_MM + leftMm]
  const times = [nowMs]
  for (let atMs = nowMs - stepH * HOUR_MS; atMs >= nowMs - days * DAY_MS; atMs -= stepH * HOUR_MS) {
    const daysAgo = (nowMs - atMs) / DAY_MS
    const use = (4.6 + Math.sin(daysAgo * 1.7)) * (stepH / 24)
    const fills = [9, 17].some((day) => Math.abs(daysAgo - day) < stepH / 48)
      ? 15
      : Math.abs(daysAgo - 4) < stepH / 48
        ? 8
        : 0
    left.unshift(Math.max(4, Math.min(LIMIT_MM + ofMm, left[0]! + use - fills)))
    times.unshift(atMs)
  }
  const nowIndex = times.length - 1
  const lo = left.map((mm) => mm - 2.6)
  const hi = left.map((mm) => mm + 2.6)
  for (let day = 1; day <= 3; day++) {
    times.push(nowMs + day * DAY_MS)
    left.push(Math.max(2, left.at(-1)! - 4.4))
    lo.push(Math.max(0, left.at(-1)! - 2.6 - day * 2))
    hi.push(left.at(-1)! + 2.6 + day * 2)
  }
  return { atMs: times, left, lo, hi, nowIndex }
}

export function paddyColumns(
  card: FieldCard,
  days: number,
  nowMs: number,
): NonNullable<FieldDetail['paddy']> {
  const times: number[] = []
  const levelMm: (number | null)[] = []
  const stepMs = Math.max(HOUR_MS, (days * DAY_MS) / 200)
  for (let atMs = nowMs - days * DAY_MS; atMs <= nowMs; atMs += stepMs) {
    const daysAgo = (nowMs - atMs) / DAY_MS
    times.push(atMs)
    // half a day without the gauge is a gap
    levelMm.push(Math.abs(daysAgo - 4) < 0.3 ? null : card.level!.v! - 26 * Math.abs(Math.sin(daysAgo * 0.9)))
  }
  return {
    atMs: times,
    levelMm,
    targetLoMm: times.map(() => card.targetBandMm![0]),
    targetHiMm: times.map(() => card.targetBandMm![1]),
  }
}

export const rainDays = (days: number): FieldDetail['rain'] =>
  [
    [3, 6, 4],
    [11, 14, 11],
    [12, 3, 3],
    [24, 22, 15],
  ].flatMap(([ago, mm, countedMm]) =>
    ago! <= days
      ? [{ day: addDays(DAY, -ago!), atMs: at(0, addDays(DAY, -ago!)), mm: mm!, countedMm: countedMm! }]
      : [],
  )
