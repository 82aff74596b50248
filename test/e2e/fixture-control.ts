/** Work at a field other than irrigation: auxiliary outputs, sprays, tasks of a paddy, and a grower's preferences. */
import type { FastifyInstance } from 'fastify'
import { DAY_MS, HOUR_MS, MINUTE_MS, addDays } from '../../broker/contract/time.ts'
import type { Holding } from '../../services/api/farms/holding-schemas.ts'
import type {
  OutputList,
  PaddyView,
  PestControlView,
  ProductList,
  StrategyView,
  TreatmentView,
} from '../../services/api/schemas.ts'
import { DAY, MORNING_MS, at, timeZone } from './fixture-day.ts'

type Id = { Params: { id: string } }

export function serveControl(app: FastifyInstance): void {
  app.get<Id>('/api/fields/:id/outputs', async ({ params }) => (params.id === 'hill-2' ? outputs : noOutputs))
  app.get<Id>('/api/fields/:id/pest-control', async ({ params }) => controlOf(params.id))
  app.get<Id>('/api/fields/:id/strategy', async () => strategy)
  app.get<Id>('/api/fields/:id/paddy', async ({ params }) => paddyOf(params.id))
  app.get('/api/products', async (): Promise<ProductList> => ({ products: [] }))
  for (const part of ['habit', 'strategy'])
    app.post(`/api/fields/:id/${part}`, async (request) => request.body ?? {})
  app.post('/api/seasons/:id/planned-harvest', async () => ({ ok: true }))
  app.post('/api/treatments', async () => draft)
  app.post('/api/treatments/past', async ({ body }) => ({
    id: (body as { idem: string }).idem,
    receivedMs: MORNING_MS,
  }))
  app.patch('/api/treatments/:id', async ({ body }): Promise<TreatmentView> => {
    const fields = body as Pick<TreatmentView, 'fromMs' | 'toMs'> & {
      operator: string
      alsoIn?: { fieldId: string }[]
    }
    const { fromMs, toMs, operator, alsoIn = [] } = fields
    const also = alsoIn.map(({ fieldId }) => ({ id: `also-${fieldId}`, fieldId, dose, checks: [] }))
    return { ...closedTreatment, fromMs, toMs, plan: { ...closedTreatment.plan, operator, checks }, also }
  })
  app.post<{ Params: { what: string } }>('/api/treatments/:id/:what', async ({ params }) => ({
    ...draft,
    state: params.what === 'confirm' ? 'confirmed' : 'void',
  }))
}

export const pumps: Holding['pumps'] = [
  {
    id: 'pump-1',
    farmId: 'farm-sato',
    name: 'Pump 1',
    capacityLpm: 900,
    maxOpenValves: 2,
    dailyM3: 60,
    feedsFromId: 'main-1',
    schedule: {
      tariff: [{ fromMin: 540, toMin: 1020, perM3: 12 }],
      currency: 'JPY',
      season: { m3: 9_000, fromDay: '2026-05-01' },
      changeoverMinutes: 2,
    },
  },
  {
    id: 'main-1',
    farmId: 'farm-sato',
    name: 'Canal gate',
    capacityLpm: 2_400,
    maxOpenValves: 6,
    dailyM3: null,
    feedsFromId: null,
    schedule: null,
  },
  {
    id: 'pump-2',
    farmId: 'farm-sato',
    name: 'Spare pump',
    capacityLpm: 300,
    maxOpenValves: 1,
    dailyM3: null,
    feedsFromId: null,
    schedule: null,
  },
]

const noOutputs: OutputList = { outputs: [], free: [] }
const bounds = { maxOnMinutes: 10, minEveryMinutes: 5, maxDailyMinutes: 480 }
const outputs: OutputList = {
  outputs: [
    {
      id: 'output-1',
      fieldId: 'hill-2',
      name: 'Puffer north',
      kind: 'puffer',
      isOn: true,
      deviceId: 'controller-1',
      valve: 'V7',
      rule: { by: 'flight', pest: 'codling-moth' },
      hours: [{ fromMin: 1080, toMin: 1440 }],
      quietHours: null,
      maxWindMps: 4,
      onMinutes: 2,
      everyMinutes: 15,
      maxDailyMinutes: 120,
      position: 'open',
      bounds: { ...bounds, rules: ['hours', 'flight'] },
      reason: { key: 'flight-on', params: { pest: 'codling-moth', sumCd: 812, toCd: 950 } },
      runs: [
        {
          id: 'turn-1',
          fromMs: MORNING_MS - 20 * MINUTE_MS,
          minutes: 2,
          state: 'done',
          reason: { key: 'flight-on', params: { pest: 'codling-moth', sumCd: 812, toCd: 950 } },
          ranMs: 2 * MINUTE_MS,
          endReason: 'timer',
        },
      ],
    },
    {
      id: 'output-2',
      fieldId: 'hill-2',
      name: 'Siren',
      kind: 'siren',
      isOn: false,
      deviceId: 'controller-1',
      valve: 'V8',
      rule: null,
      position: 'closed',
      hours: [{ fromMin: 360, toMin: 1140 }],
      quietHours: { fromMin: 1260, toMin: 360 },
      maxWindMps: null,
      onMinutes: 1,
      everyMinutes: 20,
      maxDailyMinutes: 60,
      bounds: { ...bounds, rules: ['hours', 'birds'] },
      reason: { key: 'no-rule', params: {} },
      runs: [],
    },
  ],
  free: [{ deviceId: 'controller-1', device: 'Valve controller', valve: 'V9', kind: 'fan' }],
}

const product: TreatmentView['plan']['product'] = {
  id: 'product-1',
  name: 'Orchard guard WG',
  country: 'JP',
  registrationNumber: '00000',
  ingredients: [{ name: 'example-amide', group: '28' }],
  reiHours: 24,
  rainFastHours: 2,
  phiDays: 21,
  isDemo: true,
}
const dose: TreatmentView['plan']['dose'] = {
  amount: 0.2,
  unit: 'kg/10a',
  dilution: 2000,
  volumeL10a: 400,
  areaM2: 3200,
  totalProduct: 0.64,
  totalSprayL: 1280,
}
const windows: PestControlView['windows'] = [
  { fromMs: at(5.5), toMs: at(8), verdict: 'allowed', worst: null },
  {
    fromMs: at(17),
    toMs: at(19),
    verdict: 'marginal',
    worst: { key: 'wind-calm', verdict: 'marginal', params: { windMps: 0.8 } },
  },
]
const checks: TreatmentView['plan']['checks'] = [
  { key: 'authorised', result: 'allowed', params: { untilDay: '2028-12-31' } },
  { key: 'rei', result: 'caution', params: { hours: 24, untilMs: at(32) } },
  { key: 'buffer', result: 'unknown', params: { metres: 10 } },
]

/** A spray before a person approves it. */
const draft: TreatmentView = {
  id: 'treatment-2',
  fieldId: 'hill-2',
  target: 'codling-moth',
  state: 'planned',
  fromMs: windows[0]!.fromMs,
  toMs: windows[0]!.toMs,
  plan: {
    product,
    dose,
    operator: 'Haruko Sato',
    flowering: null,
    proposal: null,
    part: null,
    checks,
    accepted: [],
    rules: 'jp',
  },
  record: null,
  createdBy: 'Haruko Sato',
  createdAtMs: MORNING_MS,
  confirmedBy: null,
  confirmedAtMs: null,
  recordedBy: null,
  recordedAtMs: null,
  voidedBy: null,
  voidedAtMs: null,
  voidReason: null,
}
const sprayed: TreatmentView = {
  ...draft,
  id: 'treatment-1',
  state: 'confirmed',
  confirmedBy: 'Haruko Sato',
  fromMs: MORNING_MS - HOUR_MS,
  toMs: MORNING_MS + HOUR_MS,
  confirmedAtMs: MORNING_MS - DAY_MS,
}

/** Done, its record not confirmed yet; the station reported late, so its wind is uncertain. */
const doneTreatment: TreatmentView = {
  ...draft,
  id: 'treatment-3',
  fieldId: 'paddy-7',
  target: 'rice-leaf-blast',
  state: 'done',
  fromMs: MORNING_MS - DAY_MS,
  toMs: MORNING_MS - DAY_MS + HOUR_MS,
  record: {
    product,
    crop: 'rice',
    variety: 'Koshihikari',
    cropEppo: null,
    bbch: null,
    part: null,
    dose,
    target: 'rice-leaf-blast',
    startMs: MORNING_MS - DAY_MS,
    endMs: MORNING_MS - DAY_MS + HOUR_MS,
    field: { id: 'paddy-7', name: 'Paddy 7', areaM2: 3200, latDeg: 37.4, lonDeg: 138.9 },
    method: null,
    equipment: 'Boom sprayer',
    operator: 'Haruko Sato',
    operatorCertificate: null,
    justification: null,
    lot: null,
    phiDays: 21,
    earliestHarvestDay: addDays(DAY, 20),
    reiHours: 24,
    weather: {
      device: 'station-1',
      atMs: MORNING_MS - DAY_MS,
      tempC: 21.5,
      humidityPct: 78,
      windMps: 1.4,
      windDirDeg: null,
      deltaTC: 3.1,
      flag: 3,
    },
    reentryMs: MORNING_MS + HOUR_MS,
    rules: 'pest-1',
  },
}

/** A draft that the pre-harvest interval has closed. */
const closedTreatment: TreatmentView = {
  ...draft,
  id: 'treatment-4',
  fieldId: 'north-3',
  fromMs: at(17),
  toMs: at(19),
  plan: {
    ...draft.plan,
    checks: [
      {
        key: 'phi',
        result: 'forbidden',
        params: { days: 21, earliestDay: addDays(DAY, 21), harvestDay: addDays(DAY, 10) },
      },
    ],
  },
}

function controlOf(fieldId: string): PestControlView {
  const isWatched = fieldId === 'hill-2'
  return {
    fieldId,
    fieldName: fieldId,
    timeZone,
    crop: 'apple',
    seasonId: 'season-1',
    areaM2: 3200,
    harvestPlannedDay: '2026-10-10',
    hours: [],
    windows: isWatched ? windows : [],
    weather: { from: 'hours', issuedMs: MORNING_MS - HOUR_MS, station: 'Hill 2' },
    preHarvest: isWatched
      ? { state: 'active', earliestDay: addDays(DAY, 21), treatmentId: 'treatment-1' }
      : fieldId === 'paddy-7'
        ? { state: 'active', earliestDay: addDays(DAY, 20), treatmentId: 'treatment-3' }
        : { state: 'elapsed', earliestDay: null, treatmentId: null },
    lookFor: fieldId === 'paddy-7' ? lookFor : [],
    otherTargets: isWatched ? [{ target: 'weeds / sedges', options: proposal.options }] : [],
    proposals: isWatched
      ? [proposal]
      : fieldId === 'north-3'
        ? [withoutWindow]
        : fieldId === 'hill-1'
          ? [{ ...proposal, options: [] }]
          : [],
    treatments: isWatched
      ? [sprayed]
      : fieldId === 'paddy-7'
        ? [doneTreatment]
        : fieldId === 'north-3'
          ? [closedTreatment]
          : [],
  }
}
const lookFor: NonNullable<PestControlView['lookFor']> = [
  {
    target: 'brown-planthopper',
    key: 'per-100-hills',
    params: { count: 20 },
    source: 'Yamaguchi Plant Protection Office',
    confirmed: false,
  },
  {
    target: 'rice-sheath-blight',
    key: 'diseased-hills',
    params: { percent: 30 },
    source: 'Niigata Prefecture',
    confirmed: false,
  },
]
const proposal: PestControlView['proposals'][number] = {
  target: 'codling-moth',
  kind: 'insect',
  action: 'treat',
  key: 'catch-reached',
  params: { caught: 12, days: 7, count: 5, toDay: addDays(DAY, -1) },
  fromDay: addDays(DAY, 5),
  toDay: addDays(DAY, 12),
  economics: null,
  threshold: { source: 'Nagano guide', confirmed: false, check: null },
  options: [
    {
      productId: product.id,
      name: product.name,
      registrationNumber: '00000',
      country: 'JP',
      isDemo: true,
      result: 'caution',
      checks,
      windows,
      dose,
    },
  ],
}

const withoutWindow: typeof proposal = {
  ...proposal,
  options: proposal.options.map((offer) => ({
    ...offer,
    result: 'forbidden',
    windows: [],
    checks: closedTreatment.plan.checks,
  })),
}

const strategy: StrategyView = {
  kind: 'regulated',
  allowedDepletion: { vegetative: 0.6 },
  phases: [],
  maxIrrigations: null,
  maxSeasonMm: null,
  riskAversion: 0.25,
  cropPricePerT: null,
  yieldTonsHa: 3,
  perRunHa: null,
  currency: 'JPY',
  waterEcDsM: null,
  soilEcDsM: null,
  soilEcDay: null,
  thresholdDsM: 5,
  waterPerM3: null,
  energyPerM3: null,
  isValueAssumed: true,
}

const drained: PaddyView['drainage'] = {
  fromDay: '2026-06-18',
  lastDay: '2026-06-26',
  days: 9,
  dryDays: 7,
  unknownDays: 1,
  targetDays: 7,
  creditDays: null,
  ended: 'dried',
  levels: [],
}
function paddyOf(fieldId: string): PaddyView {
  const task = { fieldId, createdAtMs: MORNING_MS - HOUR_MS, dueMs: at(18), doneAtMs: null }
  return {
    fieldId,
    bundMm: 300,
    freeboardMm: 100,
    outlet: 'board',
    boardMm: 80,
    storm: 'approve',
    herbicide: null,
    stage: 'heading',
    stageFrom: 'heat',
    drainage: fieldId === 'paddy-7' ? drained : null,
    loss: { usualMmD: 14, nowMmD: 15, isHigh: false },
    inletMmH: 9,
    outletMmH: 12,
    storage: { roomMm: 110, roomM3: 341, keptM3: 78 },
    tasks:
      fieldId === 'paddy-7'
        ? [
            { ...task, id: 'task-1', kind: 'set-board', params: { boardMm: 50, reason: 'stage' } },
            {
              ...task,
              id: 'task-2',
              kind: 'inspect-bund',
              doneAtMs: MORNING_MS - 30 * MINUTE_MS,
              params: { lossMm: 22, usualMm: 14 },
            },
          ]
        : [],
  }
}
