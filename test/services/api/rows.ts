/** A small farm of one organisation, row by row: one soybean field with a valve, one paddy, and what happened there. */
import { toJson, type TreatmentRow } from '../../../services/tables.ts'
import type { State } from '../../../services/ports.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../broker/contract/time.ts'
import { smallJpeg } from '../../support/small-jpeg.ts'

/** 24 July 2026, 05:30 in Tokyo. */
export const NOW_MS = Date.parse('2026-07-23T20:30:00Z')
export const TODAY = '2026-07-24'

/** Ids are the organisation's name and what it is: `midori-field`, `midori-zone`. */
export async function plantFarm(state: State, org: string): Promise<void> {
  const id = (what: string) => `${org}-${what}`
  const farmId = id('farm')
  await state
    .insertInto('farm')
    .values({
      id: farmId,
      org,
      name: `${org} Sato`,
      memberCode: '0412-0031',
      timeZone: 'Asia/Tokyo',
      latDeg: 36.4,
      lonDeg: 140.2,
      elevationM: 30,
      createdAtMs: NOW_MS - 100 * DAY_MS,
    })
    .execute()
  const soil = { soilTexture: 'loam', fieldCapacity: 0.25, wiltingPoint: 0.12, saturation: 0.463 }
  await state
    .insertInto('field')
    .values([
      {
        id: id('field'),
        org,
        farmId,
        name: `${org} North 3`,
        kind: 'upland',
        areaM2: 3000,
        ...soil,
        stationId: id('station'),
        geojson: toJson({
          type: 'Polygon',
          coordinates: [
            [
              [140.2, 36.4],
              [140.2006, 36.4],
              [140.2006, 36.4005],
              [140.2, 36.4005],
              [140.2, 36.4],
            ],
          ],
        }),
      },
      {
        id: id('paddy'),
        org,
        farmId,
        name: `${org} Paddy 7`,
        kind: 'paddy',
        areaM2: 5000,
        ...soil,
        stationId: null,
        geojson: null,
      },
    ])
    .execute()
  await state
    .insertInto('season')
    .values([
      {
        id: id('season'),
        org,
        fieldId: id('field'),
        year: 2026,
        crop: 'soybean',
        variety: 'Enrei',
        plantedDay: '2026-06-10',
        harvestedDay: null,
        yieldKg: null,
        yieldBasis: null,
      },
      {
        id: id('rice'),
        org,
        fieldId: id('paddy'),
        year: 2026,
        crop: 'rice',
        variety: 'Koshihikari',
        plantedDay: '2026-05-18',
        harvestedDay: null,
        yieldKg: null,
        yieldBasis: null,
      },
    ])
    .execute()
  await state
    .insertInto('pump')
    .values({
      id: id('pump'),
      org,
      farmId,
      name: `${org} Pump 1`,
      capacityLpm: 600,
      dailyM3: 60,
      maxOpenValves: 2,
    })
    .execute()
  await state
    .insertInto('zone')
    .values({
      id: id('zone'),
      org,
      farmId,
      fieldId: id('field'),
      name: `${org} V1`,
      areaM2: 3000,
      method: 'sprinkler',
      applicationRateMmH: 8.3,
      efficiency: 0.85,
      wettedFraction: 1,
      mode: 'approve',
      madFraction: null,
      maxDepthMm: 30,
      minMinutes: 5,
      maxMinutes: 240,
      windowFromMin: 0,
      windowToMin: 480,
      controllerId: id('controller'),
      valve: 'V1',
      pumpId: id('pump'),
      adjustPercent: 0,
      pausedUntilMs: null,
      dailyMaxLitres: null,
    })
    .execute()
  const device = (what: string, kind: 'probe' | 'station' | 'controller', fieldId: string | null) => ({
    id: id(what),
    org,
    farmId,
    fieldId,
    kind,
    name: `${org} ${what}`,
    secretHash: `hash-of-${org}-${what}`,
    previousSecretHash: null,
    commandKey: kind === 'controller' ? `key-of-${org}` : null,
    windHeightM: null,
    everyS: 1200,
    counterModulus: null,
    createdAtMs: NOW_MS - 90 * DAY_MS,
    revokedAtMs: null,
    lastSeenMs: NOW_MS - 10 * MINUTE_MS,
    batteryV: 3.61,
  })
  await state
    .insertInto('device')
    .values([
      device('probe', 'probe', id('field')),
      device('station', 'station', null),
      device('controller', 'controller', null),
    ])
    .execute()
  await state
    .insertInto('fieldState')
    .values([
      {
        fieldId: id('field'),
        org,
        atMs: NOW_MS - 30 * MINUTE_MS,
        crop: 'soybean',
        stage: 'mid-season',
        depletionMm: 43,
        depletionSdMm: 2,
        tawMm: 90,
        rawMm: 45,
        rootDepthM: 0.7,
        kc: 1.15,
        etcTodayMm: 0.4,
        etcWholeDayMm: 6,
        rainTodayMm: 0,
        irrigationTodayMm: 0,
        levelMm: null,
        levelAtMs: null,
        heatSumCd: 812,
        freshness: 'ok',
        inputs: toJson([]),
        heatNext: toJson({
          stage: 'R5',
          sumCd: 812,
          needCd: 950,
          fromDay: '2026-07-27',
          toDay: '2026-07-31',
        }),
      },
      {
        fieldId: id('paddy'),
        org,
        atMs: NOW_MS - 30 * MINUTE_MS,
        crop: 'rice',
        stage: 'heading',
        depletionMm: null,
        depletionSdMm: null,
        tawMm: null,
        rawMm: null,
        rootDepthM: null,
        kc: 1.2,
        etcTodayMm: 0.4,
        etcWholeDayMm: 6,
        rainTodayMm: 0,
        irrigationTodayMm: 0,
        levelMm: 75,
        levelAtMs: NOW_MS - 40 * MINUTE_MS,
        heatSumCd: null,
        heatNext: null,
        freshness: 'ok',
        inputs: toJson([]),
      },
    ])
    .execute()
  const body = toJson({
    key: 'irrigate-approve',
    params: { mm: 18, minutes: 130, atMs: NOW_MS + HOUR_MS, dueMs: null },
    counterfactuals: null,
    terms: [{ key: 'available-now', mm: 2, lo: 0, hi: 5, params: { fullMm: 45 } }],
    inputs: [
      {
        key: 'soil.moisture',
        value: 21.4,
        unit: '% vol',
        atMs: NOW_MS,
        kind: 'measured' as const,
        fresh: 'ok' as const,
      },
    ],
    planVersion: '1',
  })
  await state
    .insertInto('decision')
    .values([
      { id: id('why'), org, fieldId: id('field'), atMs: NOW_MS - MINUTE_MS, body },
      { id: id('why-before'), org, fieldId: id('field'), atMs: NOW_MS - DAY_MS, body },
    ])
    .execute()
  const run = (what: string, startMs: number, runState: 'proposed' | 'done' | 'skipped') => ({
    id: id(what),
    org,
    farmId,
    fieldId: id('field'),
    zoneId: id('zone'),
    day: TODAY,
    startMs,
    minutes: 130,
    netMm: 15.3,
    grossMm: 18,
    litres: 54_000,
    state: runState,
    cause: 'balance' as const,
    rainSkip: null,
    decisionId: id('why'),
    planVersion: '1',
    actor: 'plan',
    approvedBy: null,
    endReason: null,
    updatedAtMs: NOW_MS,
  })
  await state
    .insertInto('run')
    .values([run('run', NOW_MS + HOUR_MS, 'proposed'), run('run-done', NOW_MS - 3 * DAY_MS, 'done')])
    .execute()
  await state
    .insertInto('advice')
    .values([
      {
        fieldId: id('field'),
        org,
        atMs: NOW_MS - MINUTE_MS,
        status: 'act',
        key: 'irrigate-approve',
        params: toJson({ mm: 18, minutes: 130 }),
        water: toJson({ leftMm: 2, loMm: -3, hiMm: 7, ofMm: 45, tawMm: 90 }),
        demand: null,
        decisionId: id('why'),
        nextRunId: id('run'),
      },
      {
        fieldId: id('paddy'),
        org,
        atMs: NOW_MS - MINUTE_MS,
        status: 'wet',
        key: 'paddy-wet',
        params: toJson({ levelMm: 75, loMm: 20, hiMm: 50 }),
        water: null,
        demand: null,
        decisionId: id('why'),
        nextRunId: null,
      },
    ])
    .execute()
  await state
    .insertInto('irrigation')
    .values({
      id: id('irrigation'),
      org,
      farmId,
      fieldId: id('field'),
      zoneId: id('zone'),
      runId: id('run-done'),
      commandId: id('command-done'),
      cause: 'balance',
      decisionId: null,
      actor: 'plan:1',
      commandedAtMs: NOW_MS - 3 * DAY_MS,
      commandedMinutes: 130,
      openedAtMs: NOW_MS - 3 * DAY_MS,
      closedAtMs: NOW_MS - 3 * DAY_MS + 130 * MINUTE_MS,
      ranMs: 130 * MINUTE_MS,
      litres: 53_400,
      volumeSource: 'metered',
      grossMm: 17.8,
      netMm: 15.1,
      endReason: 'timer',
      failure: null,
    })
    .execute()
  await state
    .insertInto('fieldDay')
    .values(
      Array.from({ length: 40 }, (_, i) => ({
        fieldId: id('field'),
        day: new Date(Date.parse('2026-06-14') + i * DAY_MS).toISOString().slice(0, 10),
        org,
        et0Mm: 5,
        et0Method: 'fao56-pm',
        tempMinC: 20,
        tempMaxC: 30,
        kc: 1,
        ks: i < 38 ? 1 : 0.9,
        etcMm: 5,
        etaMm: 5,
        rainMm: i === 36 ? 6 : i === 35 ? null : 0,
        irrigationMm: 0,
        irrigationSource: 'none' as const,
        deepPercolationMm: i === 36 ? 2 : 0,
        depletionMm: i,
        depletionSdMm: 2,
        tawMm: 90,
        rawMm: 45,
        rootDepthM: 0.7,
        probeDepletionMm: null,
        levelMm: null,
        heatSumCd: 20 * i,
        stage: null,
        notes: toJson([]),
      })),
    )
    .execute()
  await state
    .insertInto('degreeDayTracker')
    .values({
      fieldId: id('field'),
      subject: 'codling-moth',
      org,
      biofixDay: '2026-05-01',
      sumCd: 300,
      throughDay: '2026-07-23',
      missingDays: 0,
      nextEvent: null,
      outlook: toJson({
        next: {
          key: 'egg-hatch',
          fromDay: '2026-07-26',
          midDay: '2026-07-28',
          toDay: '2026-07-31',
          from: 'both',
        },
        threshold: { count: 5, perDays: 7, caught: 70, isReached: true },
        paramsVersion: '2026.1',
      }),
    })
    .execute()
  await plantScience(state, org)
  await plantPestControl(state, org)
  await state
    .insertInto('alert')
    .values({
      id: id('alert'),
      org,
      cause: 'device-silent',
      severity: 'soon',
      fieldId: id('field'),
      deviceId: id('probe'),
      params: toJson({}),
      sinceMs: NOW_MS - HOUR_MS,
      clearedMs: null,
    })
    .execute()
  await state
    .insertInto('request')
    .values({
      id: id('request'),
      org,
      kind: 'start',
      zoneId: id('zone'),
      runId: null,
      minutes: 30,
      actor: 'x',
      atMs: NOW_MS - HOUR_MS,
      state: 'refused',
      reason: 'controller-offline',
      resultId: null,
      alertId: null,
    })
    .execute()
  await state
    .insertInto('command')
    .values({
      id: id('command'),
      org,
      deviceId: id('controller'),
      valve: 'V1',
      seq: 41,
      op: 'open',
      ofSeq: null,
      runId: null,
      requestId: null,
      durMs: 30 * MINUTE_MS,
      litres: null,
      state: 'done',
      lifecycle: toJson({}),
      outcome: 'timer',
      actor: 'plan:1',
      reason: 'balance',
      expiresAtMs: NOW_MS - DAY_MS,
      createdAtMs: NOW_MS - DAY_MS,
      sentAtMs: null,
      confirmedAtMs: NOW_MS - DAY_MS,
      endedAtMs: NOW_MS - DAY_MS + 30 * MINUTE_MS,
      ranMs: 30 * MINUTE_MS,
      ranLitres: 900,
    })
    .execute()
}

/** A product with one use, and a treatment in each state but void. */
async function plantPestControl(state: State, org: string): Promise<void> {
  const id = (what: string) => `${org}-${what}`
  const ingredients = [{ name: 'testantraniliprole', group: 'IRAC 28' }]
  const label = {
    name: `${org} Hamaki`,
    country: 'JP',
    registrationNumber: 'TEST-1',
    reiHours: 12,
    rainFastHours: 2,
  }
  await state
    .insertInto('product')
    .values(
      ['product', 'old-product'].map((what, i) => ({
        id: id(what),
        org,
        kind: 'insecticide' as const,
        ...label,
        registrationNumber: `TEST-${i + 1}`,
        ingredients: toJson(ingredients),
        authorisedUntil: '2028-03-31',
        beeHazard: 0 as const,
        limits: null,
        isDemo: 0 as const,
        importedBy: 'x',
        importedAtMs: NOW_MS - DAY_MS,
        retiredAtMs: null,
      })),
    )
    // an organisation's: they outlive a farm that was erased
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await state
    .insertInto('productUse')
    .values({
      id: id('use'),
      org,
      productId: id('product'),
      crop: 'soybean',
      target: 'codling-moth',
      doseLo: 50,
      doseHi: 120,
      doseUnit: 'mL/10a',
      dilutionLo: 1000,
      dilutionHi: 4000,
      volumeLoL10a: 100,
      volumeHiL10a: 300,
      maxPerSeason: 9,
      phiDays: 14,
      intervalDays: 0,
      bufferM: 0,
      maxPerIngredient: toJson({ testantraniliprole: 9 }),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const dose = {
    amount: 80,
    unit: 'mL/10a',
    dilution: 2500,
    volumeL10a: 200,
    areaM2: 3000,
    totalProduct: 240,
    totalSprayL: 600,
  }
  const product = { ...label, id: id('product'), ingredients, phiDays: 14, isDemo: false }
  const treatment = (what: string, runState: TreatmentRow['state'], fromMs: number): TreatmentRow => ({
    id: id(what),
    org,
    farmId: id('farm'),
    fieldId: id('field'),
    seasonId: id('season'),
    target: 'codling-moth',
    productId: id('product'),
    state: runState,
    fromMs,
    toMs: fromMs + 2 * HOUR_MS,
    plan: toJson({
      product,
      dose,
      operator: `${org} Sato`,
      flowering: false,
      proposal: null,
      checks: [],
      accepted: [],
      rules: 'pest-1',
    }),
    record: null,
    createdBy: 'x',
    createdAtMs: NOW_MS - DAY_MS,
    confirmedBy: null,
    confirmedAtMs: null,
    recordedBy: null,
    recordedAtMs: null,
    voidedBy: null,
    voidedAtMs: null,
    voidReason: null,
  })
  await state
    .insertInto('auxOutput')
    .values(
      ['output', 'spare-output'].map((name, n) => ({
        id: id(name),
        org,
        farmId: id('farm'),
        fieldId: id('field'),
        name,
        kind: 'siren' as const,
        deviceId: id('controller'),
        valve: `S${2 * n + 1}`,
        isOn: 0 as const,
        switchedBy: null,
        switchedAtMs: null,
        rule: toJson({ by: 'birds' as const }),
        onMinutes: 1,
        everyMinutes: 15,
        hours: toJson([{ fromMin: 420, toMin: 1080 }]),
        quietHours: null,
        maxDailyMinutes: 60,
        maxWindMps: null,
        pausedUntilMs: null,
        reason: null,
      })),
    )
    .execute()
  await state
    .insertInto('auxOutputRun')
    .values({
      id: id('turn'),
      org,
      farmId: id('farm'),
      fieldId: id('field'),
      outputId: id('output'),
      fromMs: NOW_MS - HOUR_MS,
      minutes: 1,
      state: 'done',
      reason: toJson({ key: 'birds-on', params: {} }),
      commandId: null,
      ranMs: 60_000,
      endReason: 'timer',
    })
    .execute()
  await state
    .insertInto('task')
    .values(
      [
        { id: id('task'), fieldId: id('paddy'), kind: 'set-board', params: { boardMm: 80, reason: 'stage' } },
        { id: id('spare-task'), fieldId: id('field'), kind: 'inspect-bund', params: {} },
        { id: id('done-task'), fieldId: id('field'), kind: 'inspect-bund', params: {}, endedAtMs: NOW_MS },
      ].map(({ endedAtMs = null, ...task }) => ({
        ...task,
        params: toJson(task.params as Record<string, number>),
        org,
        farmId: id('farm'),
        state: endedAtMs === null ? ('open' as const) : ('done' as const),
        decisionId: null,
        dueMs: null,
        createdAtMs: NOW_MS - HOUR_MS,
        endedAtMs,
        endedBy: null,
      })),
    )
    .execute()
  await state
    .insertInto('treatment')
    .values([
      treatment('treatment', 'planned', NOW_MS + 30 * HOUR_MS),
      treatment('treatment-confirmed', 'confirmed', NOW_MS - 20 * DAY_MS),
      treatment('treatment-done', 'done', NOW_MS - 30 * DAY_MS),
      treatment('treatment-wrong', 'planned', NOW_MS + 40 * HOUR_MS),
    ])
    .execute()
  await state
    .insertInto('harvestLoad')
    .values({
      id: id('load'),
      org,
      farmId: id('farm'),
      fieldId: id('field'),
      seasonId: id('season'),
      day: '2026-07-20',
      ticket: `${org} 17`,
      form: 'grain',
      grossKg: 412,
      moisturePct: 16,
      foreignPct: 1,
      grade: '2',
      sieveMm: null,
      destination: `${org} elevator`,
      meter: null,
      meterDay: null,
      enteredBy: 'person',
      enteredAtMs: NOW_MS,
      voidedBy: null,
      voidedAtMs: null,
      voidReason: null,
    })
    .execute()
  await state
    .insertInto('fieldWork')
    .values({
      id: id('work'),
      org,
      farmId: id('farm'),
      fieldId: id('field'),
      seasonId: id('season'),
      batch: `${org}-top-dressing`,
      state: 'draft',
      kind: 'fertiliser',
      day: '2026-07-18',
      startMs: null,
      endMs: null,
      areaM2: 3000,
      massKg: 15,
      method: null,
      machine: null,
      material: toJson({ name: `${org} urea`, nPct: 46, p2o5Pct: 0, k2oPct: 0 }),
      amount: toJson({ value: 5, unit: 'kg/10a' as const, bagKg: null }),
      operator: `${org} Sato`,
      lot: null,
      note: null,
      enteredBy: 'person',
      enteredAtMs: NOW_MS,
      confirmedBy: null,
      confirmedAtMs: null,
      voidedBy: null,
      voidedAtMs: null,
      voidReason: null,
    })
    .execute()
  await state
    .insertInto('scoutingCount')
    .values({
      id: id('note-kept'),
      org,
      farmId: id('farm'),
      fieldId: id('field'),
      kind: 'note',
      subject: null,
      count: null,
      text: `${org} leaves curl`,
      actor: 'person',
      receivedMs: NOW_MS,
      atMs: NOW_MS - DAY_MS,
    })
    .execute()
  await plantPhotos(state, org)
  await state
    .insertInto('reportOrder')
    .values({
      id: id('report'),
      org,
      requestedBy: 'person',
      format: 'geojson',
      requestedMs: NOW_MS,
      state: 'done',
      attempts: 1,
      query: toJson({
        coop: `${org} co-op`,
        year: 2026,
        crop: null,
        lang: 'en',
        unit: 't/ha',
        farmId: null,
      }),
      asOfMs: NOW_MS,
      bytes: 9,
      file: Buffer.from(`{"${org}":1}`).toString('base64'),
      code: null,
    })
    .execute()
}

/** Two photos of the work: of one of them nothing becomes. */
async function plantPhotos(state: State, org: string): Promise<void> {
  for (const name of ['photo', 'photo-wrong'])
    await state
      .insertInto('recordPhoto')
      .values({
        id: `${org}-${name}`,
        org,
        farmId: `${org}-farm`,
        fieldId: `${org}-field`,
        kind: 'work',
        recordId: `${org}-work`,
        takenMs: NOW_MS - DAY_MS,
        addedBy: 'person',
        addedAtMs: NOW_MS,
        sha256: `${org}-${name}`,
        thumbnail: smallJpeg(),
        picture: smallJpeg(),
        voidedBy: null,
        voidedAtMs: null,
        voidReason: null,
      })
      .execute()
}

/** What the models left: a fit of the probe in two versions, its outlook, risks of a disease, the soil as it was learned. */
async function plantScience(state: State, org: string): Promise<void> {
  const id = (what: string) => `${org}-${what}`
  const fieldId = id('field')
  const deviceId = id('probe')
  const model = (kind: 'soil-moisture' | 'et0', subject: string, version: number) => ({
    org,
    kind,
    subject,
    version,
    fittedAtMs: NOW_MS - (10 - version) * DAY_MS,
    fromDay: '2026-05-01',
    throughDay: '2026-07-22',
    state: 'used' as const,
    rows: 60 + version,
    reason: toJson({ key: 'beats-both', params: { skillPercent: 41 } }),
    terms: toJson([{ key: 'et0', unit: '% vol per mm', coefficient: -0.21, sd: 0.02 }]),
    skill: toJson([
      { key: 'days-1', unit: '% vol', n: 30, rmse: 0.9, persistence: 1.5, physics: 1.2, skill: 0.25 },
    ]),
    drift: toJson({ throughDay: '2026-07-23', n: 14, rmse: 1, expected: 0.9, isDrifting: false }),
  })
  const ofProbe = { fieldId, deviceId }
  await state
    .insertInto('model')
    .values([
      {
        ...model('soil-moisture', `${deviceId}@30`, 1),
        ...ofProbe,
        drift: toJson({ throughDay: '2026-07-22', n: 9, rmse: 1.6, expected: 0.8, isDrifting: true }),
      },
      { ...model('soil-moisture', `${deviceId}@30`, 2), ...ofProbe },
      { ...model('et0', id('farm'), 1), fieldId: null, deviceId: null },
    ])
    .execute()
  const said = (days: number, issuedMs: number, value: number) => ({
    org,
    kind: 'soil-moisture' as const,
    subject: `${deviceId}@30`,
    atMs: NOW_MS + days * DAY_MS,
    issuedMs,
    value,
    lo: value - 1.5,
    hi: value + 1.5,
    method: 'model' as const,
    modelVersion: 2,
  })
  await state
    .insertInto('prediction')
    .values([
      ...[0, 1, 2].map((days) => said(days, NOW_MS - DAY_MS, 30 - days)),
      ...[1, 2, 3].map((days) => said(days, NOW_MS - HOUR_MS, 21 - days / 2)),
    ])
    .execute()
  await state
    .insertInto('forecastSkill')
    .values({
      farmId: `${org}-farm`,
      source: 'climatology',
      org,
      throughDay: '2026-07-23',
      atMs: NOW_MS,
      leads: toJson([]),
    })
    .execute()
  await state
    .insertInto('diseaseDay')
    .values(
      (['low', 'high', 'unknown'] as const).map((level, i) => ({
        fieldId,
        disease: 'late-blight-hutton',
        day: `2026-07-${21 + i}`,
        org,
        level,
        value: level === 'unknown' ? null : i,
        unit: 'days',
        wetness: 'none' as const,
        paramsVersion: '1',
        reason: toJson({
          key: 'input-missing-since',
          params: { missing: 'humidity', since: '03:00', hours: 21 },
        }),
      })),
    )
    .execute()
  await state
    .insertInto('soilCalibration')
    .values({
      deviceId,
      depthCm: 30,
      org,
      fieldId,
      fieldCapacity: 0.31,
      fieldCapacitySd: 0.01,
      peaks: 5,
      wiltingPoint: null,
      wiltingPointSd: null,
      dryDowns: 1,
      bias: null,
      biasSd: null,
      throughDay: '2026-07-23',
      version: '1',
      atMs: NOW_MS - HOUR_MS,
    })
    .execute()
  const soil = {
    fieldCapacity: { v: 0.31, sd: 0.01, from: 'learned' as const, events: 5 },
    wiltingPoint: { v: 0.12, sd: 0.03, from: 'field' as const, events: 0 },
  }
  await state
    .updateTable('fieldState')
    .set({ soil: toJson(soil) })
    .where('fieldId', '=', fieldId)
    .execute()
}
