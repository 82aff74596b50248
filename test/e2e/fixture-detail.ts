/** The detail of a field of the fixture's farm. */
import { DAY_MS, addDays } from '../../broker/contract/time.ts'
import type { FieldCard } from '../../services/api/screens/today-schemas.ts'
import type { FieldDetail } from '../../services/api/screens/field-schemas.ts'
import { LIMIT_MM, sensorsOf, waterColumns, paddyColumns, rainDays } from './fixture-charts.ts'
import { timeZone, DAY, at, zoneIdOf } from './fixture-day.ts'
import { modelsOf } from './fixture-models.ts'

export type ZoneSettings = { adjustPercent: number; pausedUntilMs: number | null; mode: string }

export function detailOf(
  card: FieldCard,
  range: string,
  zone: ZoneSettings,
  isOpen: boolean,
  nowMs: number,
): FieldDetail {
  const days = { '24h': 1, '7d': 7, '30d': 30, season: 70 }[range] ?? 30
  const fromMs = nowMs - days * DAY_MS
  const isPaddy = card.kind === 'paddy'
  const water = isPaddy || card.water === null ? null : waterColumns(card, days, nowMs)
  const hasValve = card.id !== 'river-bend'
  return {
    clock: { nowMs, speed: 1 },
    timeZone,
    field: card,
    variety: isPaddy ? 'Koshihikari' : null,
    plantedDay: '2026-05-18',
    comparison: isPaddy ? null : comparisonOf(card),
    waterYield: isPaddy ? null : { ky: 0.85, etaMm: 262, etcMm: 285, share: 0.931, missingDays: 0 },
    zones: [
      {
        id: zoneIdOf(card.id),
        name: isPaddy ? 'Inlet' : 'Zone 1',
        mode: zone.mode as FieldDetail['zones'][number]['mode'],
        valve: hasValve ? 'V1' : null,
        controllerId: hasValve ? 'controller-1' : null,
        method: isPaddy ? 'flood' : 'sprinkler',
        areaM2: 2400,
        applicationRateMmH: 8.3,
        efficiency: 0.85,
        wettedFraction: 1,
        maxDepthMm: 60,
        minMinutes: 10,
        maxMinutes: 240,
        window: { fromMin: 240, toMin: 540 },
        capMinutes: hasValve ? 240 : null,
        pausedUntilMs: zone.pausedUntilMs,
        adjustPercent: zone.adjustPercent,
        position: !hasValve ? 'none' : isOpen ? 'open' : 'closed',
        reportedAtMs: hasValve ? nowMs - 20_000 : null,
        boundMs: null,
        schedule: null,
      },
    ],
    running: [],
    fromMs,
    toMs: isPaddy ? nowMs : nowMs + 3 * DAY_MS,
    water,
    levels: card.water === null ? null : { fullMm: LIMIT_MM + card.water.ofMm, refillMm: LIMIT_MM },
    paddy: isPaddy ? paddyColumns(card, days, nowMs) : null,
    rain: isPaddy || days > 7 ? rainDays(days) : [],
    irrigation: isPaddy
      ? []
      : [
          {
            atMs: at(5, addDays(DAY, -17)),
            runId: 'r1',
            plannedMm: 20,
            confirmedMm: 20,
            meteredMm: 20.4,
            minutes: 145,
            state: 'done',
          },
          {
            atMs: at(5, addDays(DAY, -9)),
            runId: 'r2',
            plannedMm: 15,
            confirmedMm: 15,
            meteredMm: 14.8,
            minutes: 108,
            state: 'done',
          },
          ...(card.next
            ? [
                {
                  atMs: card.next.atMs,
                  runId: card.next.runId,
                  plannedMm: card.next.mm,
                  confirmedMm: null,
                  meteredMm: null,
                  minutes: card.next.minutes,
                  state: card.next.state,
                },
              ]
            : []),
        ].filter(({ atMs }) => atMs >= fromMs),
    heat:
      card.crop === 'maize' || card.crop === 'cotton'
        ? { sumCd: 640, next: { stage: 'silking', needCd: 778, fromDay: '2026-07-31', toDay: '2026-08-04' } }
        : null,
    pests:
      card.crop === 'apple'
        ? [
            {
              subject: 'codling-moth',
              biofixDay: '2026-05-10',
              sumCd: 812,
              throughDay: addDays(DAY, -1),
              missingDays: 1,
              next: { key: 'next-generation', needCd: 950, fromDay: '2026-07-31', toDay: '2026-08-03' },
              confirmed: false,
              source: 'UC IPM phenology database; WSU Tree Fruit (Jones et al.)',
              outlook: {
                key: 'next-generation',
                fromDay: '2026-07-29',
                midDay: '2026-08-01',
                toDay: '2026-08-05',
                from: 'both',
              },
              threshold: { count: 5, perDays: 7, caught: 12, isReached: true },
              catches: [31, 24, 17, 10, 3].map((ago, i) => ({
                day: addDays(DAY, -ago),
                count: [1, 0, 3, 7, 12][i]!,
              })),
            },
          ]
        : [],
    diseases: diseasesOf(card),
    soil: isPaddy || card.id === 'river-bend' ? null : soilOf(card),
    models: modelsOf(card).map(({ id, kind, subject, deviceId, deviceName, depthCm, state, reason }) => ({
      id,
      kind,
      subject,
      deviceId,
      deviceName,
      depthCm,
      state,
      reason,
    })),
    sensors: sensorsOf(card, nowMs),
    notes:
      card.id === 'north-3'
        ? [
            {
              message: { key: 'probe-contradicts', params: { device: 'probe-1', depthCm: 30 } },
              days: 28,
              lastDay: addDays(DAY, -1),
            },
            {
              message: { key: 'et0-reduced', params: { replaced: 'wind,solar' } },
              days: 1,
              lastDay: addDays(DAY, -6),
            },
          ]
        : [],
    log: [
      { atMs: at(0, addDays(DAY, -3)), message: { key: 'log-rain', params: { mm: 6, countedMm: 4 } } },
      { atMs: at(6, addDays(DAY, -5)), message: { key: 'log-sprayed', params: { product: 'Hamaki WG' } } },
      {
        atMs: at(0, addDays(DAY, -7)),
        day: addDays(DAY, -7),
        message: { key: 'log-work-with', params: { kind: 'fertiliser', material: 'Urea 46' } },
      },
      {
        atMs: at(7.2, addDays(DAY, -9)),
        message: { key: 'log-irrigated', params: { mm: 14.8, minutes: 108, source: 'metered' } },
      },
      { atMs: at(5, addDays(DAY, -12)), message: { key: 'log-skipped', params: { reason: 'rain-reached' } } },
    ],
  }
}

const soilOf = (card: FieldCard): FieldDetail['soil'] => ({
  fieldCapacity:
    card.id === 'hill-2' || card.id === 'north-3'
      ? { v: 0.312, sd: 0.011, from: 'learned', events: 5 }
      : { v: 0.25, sd: 0.04, from: 'texture', events: 0 },
  wiltingPoint: { v: 0.12, sd: 0.03, from: 'texture', events: 0 },
})

/** An orchard with a leaf wetness sensor and a paddy with estimated wetness; the others have no monitored disease. */
function diseasesOf(card: FieldCard): FieldDetail['diseases'] {
  type Level = FieldDetail['diseases'][number]['level']
  const levelOf = { h: 'high', m: 'moderate', l: 'low', u: 'unknown' } as const
  const fortnight = (levels: string) =>
    [...levels].map((level, i) => ({
      day: addDays(DAY, i - 14),
      level: levelOf[level as keyof typeof levelOf] satisfies Level,
    }))
  const throughDay = addDays(DAY, -1)
  if (card.crop === 'apple')
    return [
      {
        disease: 'apple-scab',
        level: 'high',
        value: 1.3,
        unit: '1',
        throughDay,
        reason: { key: 'scab-infection', params: { wetH: 14, wetC: 16.2, needH: 9 } },
        wetness: 'measured',
        days: fortnight('llmhllllumhmlh'),
        confirmed: true,
        source: 'MacHardy & Gadoury (1989), Phytopathology 79:304',
      },
    ]
  if (card.kind === 'paddy')
    return [
      {
        disease: 'rice-leaf-blast',
        level: 'unknown',
        value: null,
        unit: 'code',
        throughDay,
        reason: { key: 'input-missing-since', params: { missing: 'wetness', since: '03:00', hours: 21 } },
        wetness: 'estimated',
        days: fortnight('lllmhhmlllmmhu'),
        confirmed: false,
        source: 'BLASTAM: Koshimizu 1988',
      },
    ]
  return []
}

/** A field that Tilth only advises on, compared with the previous fixed schedule. */
function comparisonOf(card: FieldCard): FieldDetail['comparison'] {
  const water = (m3: number, runs: number) => ({ m3, runs, stressDays: 0, drainedMm: 4 })
  const span = (key: 'week' | 'season', days: number, m3: [number, number, number]) => ({
    key,
    fromDay: '2026-05-19',
    throughDay: '2026-07-23',
    days,
    missingDays: 0,
    actual: { ...water(m3[0], 2), isMetered: true },
    tilth: water(m3[1], 1),
    fixedSchedule: water(m3[2], 1),
  })
  return {
    throughDay: '2026-07-23',
    fixedSchedule: { mm: 35, days: 7 },
    waterPricePerM3: 12,
    currency: 'JPY',
    spans: [span('week', 7, [40, 38, 102]), span('season', 66, [610, 480, 962])],
    messages: [
      {
        key: 'tilth-less',
        params: { actualM3: 610, tilthM3: 480, m3: 130, fromDay: card.crop === null ? null : '2026-05-19' },
      },
      { key: 'saved-money', params: { money: '1560 JPY', price: '12 JPY' } },
      { key: 'fixed-schedule-more', params: { m3: 62, depthMm: 35, everyDays: 7 } },
    ],
  }
}
