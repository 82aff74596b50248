/**
 * A co-operative of 4 farms and 12 fields as the API returns it, on the morning of Friday 24 July 2026 in Niigata: one
 * field in every status, late and lost data, and runs in every state. Responses are typed by services/api/schemas.ts.
 */
import { DAY_MS, HOUR_MS, MINUTE_MS, addDays } from '../../broker/contract/time.ts'
import type { FieldCard, Today } from '../../services/api/screens/today-schemas.ts'
import { paddyFill } from '../../services/api/screens/paddy-fill.ts'
import type { ValueView } from '../../services/api/http/validation/value-schemas.ts'
import { DAY, MORNING_MS, at } from './fixture-day.ts'

const val = (v: number | null, fields: Partial<ValueView> = {}): ValueView => ({
  v,
  atMs: MORNING_MS - 10 * MINUTE_MS,
  kind: 'estimated',
  fresh: 'ok',
  ...fields,
})

/** Of a paddy's soil. */
const PORES = 0.1

const base = {
  stage: 'mid-season',
  level: null,
  targetBandMm: null,
  water: null,
  fill: null,
  pores: null,
  next: null,
  onceApproved: null,
  areaM2: 3200,
} satisfies Partial<FieldCard>
/** Water left above the limit of the decision. */
const upland = (
  leftMm: number,
  ofMm: number,
  fields: Partial<NonNullable<FieldCard['water']>> = {},
): Pick<FieldCard, 'water'> => ({
  water: {
    leftMm,
    loMm: leftMm - 2.6,
    hiMm: Math.min(ofMm, leftMm + 2.6),
    ofMm,
    asOfMs: MORNING_MS - 10 * MINUTE_MS,
    fresh: 'ok',
    ...fields,
  },
})
const farms = {
  sato: { farmId: 'farm-sato', farmName: 'Sato' },
  mori: { farmId: 'farm-mori', farmName: 'Mori' },
  ito: { farmId: 'farm-ito', farmName: 'Ito' },
  abe: { farmId: 'farm-abe', farmName: 'Abe' },
}

/** In the API's order: act, unknown, soon, wet, ok. */
export function cards(): FieldCard[] {
  return cardsOfWater().map((card) => ({ ...card, pests: [], mark: card.status }))
}

function cardsOfWater(): Omit<FieldCard, 'pests' | 'mark'>[] {
  const next = (hour: number, mm: number, minutes: number, state: string, day = DAY) => ({
    runId: `run-${hour}`,
    atMs: at(hour, day),
    mm,
    minutes,
    state,
    rainSkip: null,
  })
  const paddy = (levelMm: number, targetBandMm: [number, number], fields: Partial<ValueView> = {}) => ({
    ...base,
    kind: 'paddy' as const,
    crop: 'rice',
    stage: 'heading',
    level: val(levelMm, { kind: 'measured', ...fields }),
    targetBandMm,
    fill: paddyFill({ level: val(levelMm, fields), targetBandMm }, PORES),
    pores: PORES,
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
      onceApproved: {
        status: 'act',
        verdict: { key: 'irrigate', params: { mm: 18, minutes: 130, atMs: at(5 + 40 / 60), dueMs: at(14) } },
      },
      decisionId: 'why-north-3',
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
      decisionId: 'why-greenhouse-1',
    },
    {
      ...base,
      ...farms.mori,
      ...upland(20, 50, { fresh: 'lost', asOfMs: MORNING_MS - 2 * DAY_MS }),
      id: 'river-bend',
      name: 'River bend',
      crop: 'maize',
      kind: 'upland',
      status: 'unknown',
      verdict: {
        key: 'cannot-judge',
        params: { reason: 'inputs-lost', atMs: MORNING_MS - 2 * DAY_MS },
      },
      decisionId: 'why-river-bend',
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
      decisionId: 'why-hill-2',
    },
    {
      ...base,
      ...farms.ito,
      ...upland(9, 38, { fresh: 'late', asOfMs: MORNING_MS - 3 * HOUR_MS }),
      id: 'shrine-east',
      name: 'Shrine east',
      crop: 'soybean',
      kind: 'upland',
      status: 'soon',
      verdict: { key: 'rain-coming', params: { loMm: 4, hiMm: 12, byMs: at(18) } },
      decisionId: 'why-shrine-east',
    },
    {
      ...farms.ito,
      ...paddy(75, [30, 50]),
      id: 'paddy-7',
      name: 'Paddy 7',
      status: 'wet',
      verdict: { key: 'paddy-wet', params: { levelMm: 75, loMm: 30, hiMm: 50 } },
      decisionId: 'why-paddy-7',
    },
    ...(['Paddy 4', 'Paddy 5', 'Paddy 8'] as const).map((name, index) => ({
      ...farms[(['sato', 'ito', 'ito'] as const)[index]!],
      ...paddy(36 + index * 5, [20, 50]),
      id: name.toLowerCase().replace(' ', '-'),
      name,
      status: 'ok' as const,
      verdict: { key: 'paddy-hold', params: { levelMm: 36 + index * 5, loMm: 20, hiMm: 50 } },
      decisionId: `why-${name.toLowerCase().replace(' ', '-')}`,
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
      decisionId: `why-${name.toLowerCase().replace(' ', '-')}`,
    })),
  ]
}

export const forecast: Today['forecast'] = {
  source: 'open-meteo',
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

/** South 1, whose water is OK, while a spray against corn earworm is due. */
export const withSprayDue = (card: FieldCard): FieldCard =>
  card.id === 'south-1'
    ? {
        ...card,
        pests: [
          { target: 'corn-earworm', kind: 'insect', action: 'treat', fromDay: DAY, toDay: addDays(DAY, 3) },
        ],
      }
    : card

/** North 3 after a night that has killed its crop. */
export const withFrost = (card: FieldCard): FieldCard =>
  card.id === 'north-3'
    ? {
        ...card,
        verdict: { key: 'killed-by-frost', params: { day: DAY, tempC: -3.1 } },
        next: null,
        onceApproved: null,
        decisionId: null,
      }
    : card

/** Paddy 8 dried out: 18 cm below its soil, where 2 to 5 cm should stand. */
export const withDryPaddy = (card: FieldCard): FieldCard => {
  if (card.id !== 'paddy-8') return card
  const [level, targetBandMm] = [val(-180, { kind: 'measured' }), [20, 50] as [number, number]]
  return {
    ...card,
    level,
    fill: paddyFill({ level, targetBandMm }, PORES),
    status: 'act',
    mark: 'act',
    verdict: { key: 'paddy-too-dry', params: { levelMm: -180, loMm: 20, hiMm: 50 } },
  }
}
