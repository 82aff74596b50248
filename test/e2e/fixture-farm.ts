/**
 * A co-operative of 4 farms and 12 fields as the API tells it, on the morning of Friday 24 July 2026 in Niigata: one
 * field in every status, late and lost data, and runs in every state. Answers are typed by services/api/schemas.ts.
 */
import { DAY_MS, HOUR_MS, MINUTE_MS, addDays, startOfDay } from '../../broker/contract/time.ts'
import type {
  Alert,
  DeviceView,
  FieldCard,
  FieldDetail,
  ModelCard,
  PlanView,
  Today,
  Val,
  WhyView,
} from '../../services/api/schemas.ts'

export const timeZone = 'Asia/Tokyo'
export const DAY = '2026-07-24'
export const MORNING_MS = startOfDay(DAY, timeZone) + 5.5 * HOUR_MS
const at = (hour: number, day = DAY): number => startOfDay(day, timeZone) + hour * HOUR_MS

const val = (v: number | null, more: Partial<Val> = {}): Val => ({
  v,
  atMs: MORNING_MS - 10 * MINUTE_MS,
  kind: 'estimated',
  fresh: 'ok',
  ...more,
})

type Upland = { left: Val | null; rawMm: number; tawMm: number }
const base = {
  stage: 'mid-season',
  level: null,
  aimMm: null,
  left: null,
  rawMm: null,
  tawMm: null,
  next: null,
  areaM2: 3200,
} satisfies Partial<FieldCard>
// water readily left, of RAW, with a reserve as large again
const upland = (readilyMm: number, rawMm: number, more: Partial<Val> = {}): Upland => ({
  left: val(readilyMm + rawMm, {
    lo: Math.max(0, readilyMm + rawMm - 2.6),
    hi: readilyMm + rawMm + 2.6,
    ...more,
  }),
  rawMm,
  tawMm: rawMm * 2,
})
const farms = {
  sato: { farmId: 'farm-sato', farmName: 'Sato' },
  mori: { farmId: 'farm-mori', farmName: 'Mori' },
  ito: { farmId: 'farm-ito', farmName: 'Ito' },
  abe: { farmId: 'farm-abe', farmName: 'Abe' },
}

/** Sorted as the API sorts: act, unknown, soon, wet, ok. */
export function cards(): FieldCard[] {
  const next = (hour: number, mm: number, minutes: number, state: string, day = DAY) => ({
    runId: `run-${hour}`,
    atMs: at(hour, day),
    mm,
    minutes,
    state,
    skipIf: null,
  })
  const paddy = (levelMm: number, aimMm: [number, number], more: Partial<Val> = {}) => ({
    ...base,
    kind: 'paddy' as const,
    crop: 'rice',
    stage: 'heading',
    level: val(levelMm, { kind: 'measured', ...more }),
    aimMm,
  })
  return [
    {
      ...base,
      ...farms.sato,
      ...upland(2.1, 45),
      id: 'north-3',
      name: 'North 3',
      crop: 'soybean',
      kind: 'upland',
      status: 'act',
      verdict: {
        key: 'irrigate-approve',
        params: { mm: 18, minutes: 130, atMs: at(5 + 40 / 60), dueMs: at(14) },
      },
      next: next(5 + 40 / 60, 18, 130, 'proposed'),
      whyId: 'why-north-3',
    },
    {
      ...base,
      ...farms.abe,
      ...upland(-6.4, 28),
      id: 'greenhouse-1',
      name: 'Greenhouse 1',
      crop: 'tomato',
      kind: 'upland',
      status: 'act',
      verdict: { key: 'needs-paused', params: { mm: 9, untilMs: at(5.5, addDays(DAY, 1)) } },
      whyId: 'why-greenhouse-1',
    },
    {
      ...base,
      ...farms.mori,
      ...upland(20, 50, { fresh: 'lost', atMs: MORNING_MS - 2 * DAY_MS }),
      id: 'river-bend',
      name: 'River bend',
      crop: 'maize',
      kind: 'upland',
      status: 'unknown',
      verdict: {
        key: 'cannot-judge',
        params: { reason: 'inputs-lost', atMs: MORNING_MS - 2 * DAY_MS },
      },
      whyId: 'why-river-bend',
    },
    {
      ...base,
      ...farms.mori,
      ...upland(11, 45),
      id: 'hill-2',
      name: 'Hill 2',
      crop: 'apple',
      kind: 'upland',
      status: 'soon',
      verdict: { key: 'irrigate', params: { mm: 12, minutes: 80, atMs: at(8), dueMs: at(30) } },
      next: next(8, 12, 80, 'approved'),
      whyId: 'why-hill-2',
    },
    {
      ...base,
      ...farms.ito,
      ...upland(9, 38, { fresh: 'late', atMs: MORNING_MS - 3 * HOUR_MS }),
      id: 'shrine-east',
      name: 'Shrine east',
      crop: 'soybean',
      kind: 'upland',
      status: 'soon',
      verdict: { key: 'rain-coming', params: { loMm: 4, hiMm: 12, byMs: at(18) } },
      whyId: 'why-shrine-east',
    },
    {
      ...farms.ito,
      ...paddy(75, [30, 50]),
      id: 'paddy-7',
      name: 'Paddy 7',
      status: 'wet',
      verdict: { key: 'paddy-wet', params: { levelMm: 75, loMm: 30, hiMm: 50 } },
      whyId: 'why-paddy-7',
    },
    ...(['Paddy 4', 'Paddy 5', 'Paddy 8'] as const).map((name, index) => ({
      ...farms[(['sato', 'ito', 'ito'] as const)[index]!],
      ...paddy(36 + index * 5, [20, 50]),
      id: name.toLowerCase().replace(' ', '-'),
      name,
      status: 'ok' as const,
      verdict: { key: 'paddy-hold', params: { levelMm: 36 + index * 5, loMm: 20, hiMm: 50 } },
      whyId: `why-${name.toLowerCase().replace(' ', '-')}`,
    })),
    ...(['South 1', 'Hill 1', 'Station road'] as const).map((name, index) => ({
      ...base,
      ...farms[(['sato', 'mori', 'abe'] as const)[index]!],
      ...upland(31 + index * 4, 45),
      id: name.toLowerCase().replace(' ', '-'),
      name,
      crop: ['maize', 'apple', 'soybean'][index]!,
      kind: 'upland' as const,
      status: 'ok' as const,
      verdict: { key: 'enough', params: { leftMm: 31 + index * 4, rawMm: 45, days: 5 + index } },
      whyId: `why-${name.toLowerCase().replace(' ', '-')}`,
    })),
  ]
}

/** The zone of a field: every field has one valve, but the river bend, which has none. */
export const zoneIdOf = (fieldId: string): string => `zone-${fieldId}`

export const alerts: Alert[] = [
  {
    id: 'alert-1',
    cause: 'device-silent',
    severity: 'soon',
    params: {},
    fieldId: null,
    deviceId: 'probe-river',
    deviceName: 'River probe',
    fields: [{ id: 'river-bend', name: 'River bend' }],
    zoneIds: [],
    sinceMs: MORNING_MS - 2 * DAY_MS,
  },
]

export const faultAlert: Alert = {
  id: 'alert-2',
  cause: 'valve-fault',
  severity: 'act',
  params: { valve: null, fault: 'overflow' },
  fieldId: null,
  deviceId: 'controller-1',
  deviceName: 'Valve controller',
  fields: [
    { id: 'paddy-7', name: 'Paddy 7' },
    { id: 'hill-2', name: 'Hill 2' },
    { id: 'north-3', name: 'North 3' },
  ],
  zoneIds: [],
  sinceMs: at(6 + 40 / 60, '2026-05-18'),
}

/** Tilth has shut a valve over its flow, and holds it. */
export const flowAlert: Alert = {
  id: 'alert-3',
  cause: 'flow-alarm',
  severity: 'act',
  params: { valve: 'V2', at: 'V2', flow: 'high', done: 'zone-shut', lpm: 131.4, expectedLpm: 66.7 },
  fieldId: null,
  deviceId: 'controller-1',
  deviceName: 'Valve controller',
  fields: [{ id: 'hill-2', name: 'Hill 2' }],
  zoneIds: [zoneIdOf('hill-2')],
  sinceMs: at(6 + 10 / 60),
}

/** A start of ten minutes that the server did not see end. */
export const cutRun: Partial<PlanView['runs'][number]> = {
  ...{
    id: 'run-cut',
    minutes: 10,
    grossMm: 1.4,
    netMm: 1.2,
    state: 'failed',
    cause: 'manual',
    endedWhy: 'lease',
  },
  ...{ ranMinutes: 3.4, litres: 233, volumeSource: 'metered', meteredLitres: 233, restMinutes: 6 },
}

export const forecast: Today['forecast'] = {
  source: 'climatology',
  issuedMs: MORNING_MS - HOUR_MS,
  days: [
    { day: DAY, tempMinC: 23, tempMaxC: 32, rainMm: { lo: 2, mid: 5, hi: 9 }, et0Mm: 5.1 },
    { day: addDays(DAY, 1), tempMinC: 22, tempMaxC: 33, rainMm: { lo: 0, mid: 0, hi: 0.2 }, et0Mm: 5.8 },
    { day: addDays(DAY, 2), tempMinC: 24, tempMaxC: 34, rainMm: { lo: 0, mid: 0, hi: 3 }, et0Mm: 6 },
  ],
}

export const countsOf = (fields: readonly FieldCard[]): Today['counts'] => {
  const counts = { act: 0, soon: 0, ok: 0, wet: 0, unknown: 0 }
  for (const { status } of fields) counts[status]++
  return counts
}

export const fieldIdOf = (zoneId: string): string => zoneId.replace(/^zone-/, '')

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
  const water = isPaddy || card.left === null ? null : waterColumns(card, days, nowMs)
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
        applicationRateMmH: 8.3,
        efficiency: 0.85,
        maxMinutes: 240,
        capMinutes: hasValve ? 240 : null,
        pausedUntilMs: zone.pausedUntilMs,
        adjustPercent: zone.adjustPercent,
        position: !hasValve ? 'none' : isOpen ? 'open' : 'closed',
        reportedAtMs: hasValve ? nowMs - 20_000 : null,
        boundMs: null,
      },
    ],
    running: [],
    fromMs,
    toMs: isPaddy ? nowMs : nowMs + 3 * DAY_MS,
    water,
    levels:
      card.rawMm === null || card.tawMm === null
        ? null
        : { fullMm: card.tawMm, refillMm: card.tawMm - card.rawMm * 0.9, stressMm: card.tawMm - card.rawMm },
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
    models: modelsOf(card).map(({ id, kind, subject, deviceId, depthCm, state, reason }) => ({
      ...{ id, kind, subject, deviceId, depthCm, state, reason },
    })),
    sensors: sensorsOf(card, nowMs),
    notes:
      card.id === 'north-3'
        ? [
            {
              message: { key: 'probe-nudge', params: { fromMm: 38.2, gainPercent: 40 } },
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
      {
        atMs: at(7.2, addDays(DAY, -9)),
        message: { key: 'log-irrigated', params: { mm: 14.8, minutes: 108, source: 'metered' } },
      },
      { atMs: at(5, addDays(DAY, -12)), message: { key: 'log-skipped', params: { why: 'rain-came' } } },
    ],
  }
}

function sensorsOf(card: FieldCard, nowMs: number): FieldDetail['sensors'] {
  const latest = (v: number, fresh: Val['fresh'] = 'ok'): Val => ({
    ...{ v, atMs: nowMs - 10 * MINUTE_MS, kind: 'measured', fresh },
  })
  if (card.kind === 'paddy')
    return [
      {
        ...{ quantity: 'water.level', unit: 'mm', depthCm: null, device: 'gauge-1' },
        ...{ latest: latest(card.level!.v!), suspect: false, atMs: [], mean: [], ahead: null },
      },
    ]
  // the river bend's probe is silent, and nobody has put one into the greenhouse
  if (card.id === 'greenhouse-1') return []
  const isSilent = card.id === 'river-bend'
  const hours = Array.from({ length: 7 * 24 }, (_, i) => nowMs - (7 * 24 - i) * HOUR_MS)
  const device = probeOf(card)
  return [30, 60].map((depthCm) => {
    const days = [1, 2, 3, 4, 5, 6, 7]
    const mid = days.map((day) => 21.4 + (depthCm - 30) / 10 - day * 0.55)
    return {
      ...{ quantity: 'soil.moisture', unit: '% vol', depthCm, device },
      latest: latest(21.4 + (depthCm - 30) / 10, isSilent ? 'lost' : 'ok'),
      suspect: false,
      atMs: hours,
      mean: hours.map((atMs) => 21.4 + (depthCm - 30) / 10 + ((nowMs - atMs) / DAY_MS) * 0.6),
      ahead: isSilent
        ? null
        : {
            ...{ atMs: days.map((day) => nowMs + day * DAY_MS), mid },
            lo: mid.map((v, i) => v - 0.4 - i * 0.25),
            hi: mid.map((v, i) => v + 0.4 + i * 0.25),
            method: days.map((day) => (depthCm === 60 ? 'persistence' : day > 5 ? 'physics' : 'model')),
            modelId: `soil-moisture:${device}@${depthCm}`,
          },
    }
  })
}

const probeOf = ({ id }: FieldCard): string => (id === 'north-3' ? 'probe-1' : `probe-${id}`)

const soilOf = (card: FieldCard): FieldDetail['soil'] => ({
  fieldCapacity:
    card.id === 'hill-2' || card.id === 'north-3'
      ? { v: 0.312, sd: 0.011, from: 'learned', events: 5 }
      : { v: 0.25, sd: 0.04, from: 'texture', events: 0 },
  wiltingPoint: { v: 0.12, sd: 0.03, from: 'texture', events: 0 },
})

/** An orchard with a leaf wetness sensor, a paddy whose wetness is estimated; the rest has no disease that is watched. */
function diseasesOf(card: FieldCard): FieldDetail['diseases'] {
  type Level = FieldDetail['diseases'][number]['level']
  const levelOf = { h: 'high', m: 'moderate', l: 'low', u: 'unknown' } as const
  const fortnight = (levels: string) =>
    [...levels].map((letter, i) => ({
      day: addDays(DAY, i - 14),
      level: levelOf[letter as keyof typeof levelOf] satisfies Level,
    }))
  const throughDay = addDays(DAY, -1)
  if (card.crop === 'apple')
    return [
      {
        ...{ disease: 'apple-scab', level: 'high', value: 1.3, unit: '1', throughDay },
        why: { key: 'scab-infection', params: { wetH: 14, wetC: 16.2, needH: 9 } },
        ...{ wetness: 'measured', days: fortnight('llmhllllumhmlh'), confirmed: true },
        source: 'MacHardy & Gadoury (1989), Phytopathology 79:304',
      },
    ]
  if (card.kind === 'paddy')
    return [
      {
        ...{ disease: 'rice-leaf-blast', level: 'unknown', value: null, unit: 'code', throughDay },
        why: { key: 'disease-lacks-since', params: { lacks: 'wetness', since: '03:00', hours: 21 } },
        ...{ wetness: 'estimated', days: fortnight('lllmhhmlllmmhu'), confirmed: false },
        source: 'BLASTAM: Koshimizu 1988',
      },
    ]
  return []
}

/** A probe's two fits, one in use and one that stepped back; an orchard's insect has too little to learn from. */
export function modelsOf(card: FieldCard): ModelCard[] {
  const base = {
    ...{ fieldId: card.id, fieldName: card.name, version: 3, fittedAtMs: at(1) },
    ...{ drift: null, replaced: null },
    ...{ fromDay: '2026-05-20', throughDay: addDays(DAY, -1), limits: [{ key: 'this-probe', params: {} }] },
  }
  if (card.kind === 'paddy' || card.id === 'greenhouse-1') return []
  const skill = (days: number, rmse: number, physics: number, persistence: number) => ({
    ...{ key: `days-${days}`, unit: '% vol', n: 32 - days, rmse, persistence, physics },
    skill: 1 - rmse / Math.min(physics, persistence),
  })
  const probe = (depthCm: number) => ({
    ...{ ...base, id: `soil-moisture:${probeOf(card)}@${depthCm}`, kind: 'soil-moisture' as const },
    ...{ subject: `${probeOf(card)}@${depthCm}`, deviceId: probeOf(card), depthCm, rows: 62 },
    terms: [
      { key: 'above-limit', unit: '1/d', coefficient: -0.0831, sd: 0.006 },
      { key: 'rain', unit: '% vol / mm', coefficient: 0.214, sd: 0.018 },
      { key: 'et0', unit: '% vol / mm', coefficient: -0.0642, sd: 0.021 },
    ],
  })
  return [
    {
      ...probe(30),
      ...{ state: 'used', reason: { key: 'better', params: { used: 5, of: 7, gainPct: 31 } } },
      skill: [
        ...[skill(1, 0.41, 0.55, 0.72), skill(2, 0.68, 0.92, 1.21), skill(3, 0.9, 1.2, 1.6)],
        ...[skill(5, 1.3, 1.6, 2.2), skill(7, 1.92, 1.86, 2.6)],
      ],
      drift: { throughDay: addDays(DAY, -1), n: 14, rmse: 0.44, expected: 0.41, isDrifting: false },
      limits: [
        { key: 'this-probe', params: {} },
        { key: 'in-window', params: { fromDay: base.fromDay, throughDay: base.throughDay } },
      ],
    },
    {
      ...probe(60),
      ...{ state: 'stepped-back', reason: { key: 'no-better', params: { used: 0, of: 7 } } },
      skill: [skill(1, 0.22, 0.25, 0.18), skill(7, 0.9, 0.88, 0.7)],
    },
    ...(card.crop === 'apple'
      ? [
          {
            ...{
              ...base,
              id: `pest-flight:${card.id}/codling-moth/2`,
              kind: 'pest-flight' as const,
              rows: 0,
            },
            ...{ subject: `${card.id}/codling-moth/2`, deviceId: null, depthCm: null, terms: [], skill: [] },
            ...{
              state: 'too-little' as const,
              reason: { key: 'too-few-years', params: { years: 1, need: 3 } },
            },
            limits: [{ key: 'this-trap', params: {} }],
          },
        ]
      : []),
  ]
}

/** A sawtooth: the crop takes 4 to 6 mm a day, rain and irrigation fill it up; it ends at what the card says. */
function waterColumns(card: FieldCard, days: number, nowMs: number): NonNullable<FieldDetail['water']> {
  const stepH = days <= 1 ? 1 : days <= 7 ? 6 : 24
  const left: number[] = [card.left!.v!]
  const times = [nowMs]
  for (let atMs = nowMs - stepH * HOUR_MS; atMs >= nowMs - days * DAY_MS; atMs -= stepH * HOUR_MS) {
    const daysAgo = (nowMs - atMs) / DAY_MS
    const use = (4.6 + Math.sin(daysAgo * 1.7)) * (stepH / 24)
    const fills = [9, 17].some((day) => Math.abs(daysAgo - day) < stepH / 48)
      ? 15
      : Math.abs(daysAgo - 4) < stepH / 48
        ? 8
        : 0
    left.unshift(Math.max(4, Math.min(card.tawMm!, left[0]! + use - fills)))
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

function paddyColumns(card: FieldCard, days: number, nowMs: number): NonNullable<FieldDetail['paddy']> {
  const times: number[] = []
  const levelMm: (number | null)[] = []
  const stepMs = Math.max(HOUR_MS, (days * DAY_MS) / 200)
  for (let atMs = nowMs - days * DAY_MS; atMs <= nowMs; atMs += stepMs) {
    const daysAgo = (nowMs - atMs) / DAY_MS
    times.push(atMs)
    // half a day without the gauge stays a gap
    levelMm.push(Math.abs(daysAgo - 4) < 0.3 ? null : card.level!.v! - 26 * Math.abs(Math.sin(daysAgo * 0.9)))
  }
  return {
    atMs: times,
    levelMm,
    aimLoMm: times.map(() => card.aimMm![0]),
    aimHiMm: times.map(() => card.aimMm![1]),
  }
}

const rainDays = (days: number): FieldDetail['rain'] =>
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

export function whyOf(card: FieldCard): WhyView {
  const isPaddy = card.kind === 'paddy'
  return {
    id: card.whyId!,
    fieldId: card.id,
    fieldName: card.name,
    timeZone,
    atMs: at(5 + 20 / 60),
    verdict: card.verdict,
    terms: isPaddy
      ? [
          {
            key: 'level-now',
            mm: card.level!.v,
            params: { levelMm: card.level!.v, loMm: card.aimMm![0], hiMm: card.aimMm![1] },
          },
          { key: 'paddy-loss', mm: -14, params: { untilMs: at(29.5) } },
          {
            key: 'level-then',
            mm: card.level!.v! - 14,
            params: { levelMm: card.level!.v! - 14, atMs: at(29.5) },
          },
        ]
      : [
          { key: 'left-now', mm: 2.1, lo: 0, hi: 4.7, params: { fullMm: 45 } },
          { key: 'crop-use', mm: -5.6, params: { untilMs: at(18) } },
          { key: 'rain-expected', mm: 0, lo: 0, hi: 1.2, params: { byMs: at(18) } },
          { key: 'left-then', mm: -3.5, params: { atMs: at(18) } },
          {
            key: 'depth',
            mm: 18,
            params: {
              minutes: 130,
              rateMmH: 8.3,
              netMm: 15.3,
              efficiencyPercent: 85,
              adjustPercent: 0,
              limit: null,
            },
          },
        ],
    inputs: [
      {
        key: 'soil.moisture',
        value: 21.4,
        unit: '% vol',
        atMs: at(5 + 20 / 60),
        depthCm: 30,
        device: 'probe-1',
        kind: 'measured',
        fresh: 'ok',
      },
      { key: 'rain', value: 0, unit: 'mm', atMs: at(5), kind: 'measured', fresh: 'ok' },
      {
        key: 'weather',
        value: 5.1,
        unit: 'mm/d',
        atMs: at(3),
        kind: 'estimated',
        fresh: 'late',
        method: 'fao56-pm',
      },
    ],
    flips: { key: 'rain-over', params: { mm: 5, byMs: at(5.5) } },
    after: null,
    history: [
      {
        id: `${card.whyId}-1`,
        atMs: at(5.3, addDays(DAY, -1)),
        verdict: { key: 'enough-soon', params: { leftMm: 7, rawMm: 45, days: 1.4 } },
      },
      {
        id: `${card.whyId}-2`,
        atMs: at(5.3, addDays(DAY, -2)),
        verdict: { key: 'enough', params: { leftMm: 12, rawMm: 45, days: 2.6 } },
      },
    ],
  }
}

export function planRuns(): PlanView['runs'] {
  const run = (
    id: string,
    hour: number,
    field: [string, string],
    minutes: number,
    mm: number,
    state: string,
    more: object = {},
  ) => ({
    id,
    fieldId: field[0],
    fieldName: field[1],
    zoneId: zoneIdOf(field[0]),
    zoneName: 'Zone 1',
    atMs: at(hour),
    minutes,
    netMm: mm * 0.85,
    grossMm: mm,
    state,
    cause: 'balance' as const,
    skipIf: null,
    endedWhy: null,
    ranMinutes: null,
    isRanBound: false,
    litres: null,
    volumeSource: null,
    restMinutes: null,
    meteredLitres: null,
    whyId: `why-${field[0]}`,
    ...more,
  })
  return [
    run('run-0', 1.5, ['south-1', 'South 1'], 95, 13, 'done', {
      ...{ ranMinutes: 95, litres: 41_600, volumeSource: 'metered', meteredLitres: 41_600 },
    }),
    run('run-1', 3.5, ['paddy-8', 'Paddy 8'], 60, 8, 'skipped', {
      ...{ endedWhy: 'rain-came', cause: 'paddy' },
      skipIf: { key: 'rain-fell', mm: 5, byMs: at(3.4), fellMm: 7.2 },
    }),
    run('run-2', 5 + 40 / 60, ['north-3', 'North 3'], 130, 18, 'proposed'),
    run('run-3', 8, ['hill-2', 'Hill 2'], 80, 12, 'approved'),
    run('run-4', 18, ['shrine-east', 'Shrine east'], 110, 15, 'proposed', {
      skipIf: { key: 'rain-by', mm: 5, byMs: at(17.5), fellMm: null },
    }),
  ]
}

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

/** A field that Tilth advises on, beside the old timer. */
function comparisonOf(card: FieldCard): FieldDetail['comparison'] {
  const water = (m3: number, runs: number) => ({ m3, runs, stressDays: 0, drainedMm: 4 })
  const span = (key: 'week' | 'season', days: number, m3: [number, number, number]) => ({
    ...{ key, fromDay: '2026-05-19', throughDay: '2026-07-23', days, missingDays: 0 },
    given: { ...water(m3[0], 2), isMetered: true },
    tilth: water(m3[1], 1),
    timer: water(m3[2], 1),
  })
  return {
    ...{ throughDay: '2026-07-23', timer: { mm: 35, days: 7 }, waterPricePerM3: 12, currency: 'JPY' },
    spans: [span('week', 7, [40, 38, 102]), span('season', 66, [610, 480, 962])],
    messages: [
      {
        key: 'tilth-less',
        params: { givenM3: 610, tilthM3: 480, m3: 130, fromDay: card.crop === null ? null : '2026-05-19' },
      },
      { key: 'worth', params: { money: '1560 JPY', price: '12 JPY' } },
      { key: 'timer-more', params: { m3: 62, timerMm: 35, timerDays: 7 } },
    ],
  }
}
