/** The runs of the fixture's day, with their reasons. */
import { addDays } from '../../broker/contract/time.ts'
import type { FieldCard } from '../../services/api/screens/today-schemas.ts'
import type { PlanView, DecisionView } from '../../services/api/irrigation/plan-schemas.ts'
import { timeZone, DAY, at, zoneIdOf } from './fixture-day.ts'

/** A start of ten minutes whose end the server missed. */
export const cutRun: Partial<PlanView['runs'][number]> = {
  id: 'run-cut',
  minutes: 10,
  grossMm: 1.4,
  netMm: 1.2,
  state: 'failed',
  cause: 'manual',
  endReason: 'lease',
  ranMinutes: 3.4,
  litres: 233,
  volumeSource: 'metered',
  meteredLitres: 233,
  restMinutes: 6,
}

/** A run of the night that Sato has stopped after seven minutes. */
export const stoppedRun: Partial<PlanView['runs'][number]> = {
  id: 'run-stopped',
  atMs: at(5.25),
  minutes: 225,
  grossMm: 31,
  netMm: 25,
  state: 'done',
  endReason: 'command',
  cutAtMs: at(5 + 22 / 60),
  cutMm: 1,
  cutBy: 'Sato Hana',
  ranMinutes: 7,
  litres: 1_530,
  volumeSource: 'metered',
  meteredLitres: 1_530,
  plannedLitres: 49_600,
  rainSkip: { key: 'rain-by', mm: 24, byMs: at(5.25), measuredMm: null },
}

/** Eleven attempts at the river bend, whose controller is silent. */
export const stuckRuns = (): PlanView['runs'] =>
  Array.from({ length: 11 }, (_, i) => ({
    ...planRuns()[0]!,
    id: `run-stuck-${i}`,
    fieldId: 'river-bend',
    fieldName: 'River bend',
    zoneId: zoneIdOf('river-bend'),
    atMs: at(0.25 + i / 2),
    state: 'failed',
    endReason: 'controller-offline',
    ranMinutes: null,
    litres: null,
    volumeSource: null,
    confirmedLitres: null,
    meteredLitres: null,
  }))

export function decisionOf(card: FieldCard): DecisionView {
  const isPaddy = card.kind === 'paddy'
  return {
    id: card.decisionId!,
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
            params: { levelMm: card.level!.v, loMm: card.targetBandMm![0], hiMm: card.targetBandMm![1] },
          },
          { key: 'paddy-loss', mm: -14, params: { untilMs: at(29.5) } },
          {
            key: 'level-then',
            mm: card.level!.v! - 14,
            params: { levelMm: card.level!.v! - 14, atMs: at(29.5) },
          },
        ]
      : [
          { key: 'available-now', mm: 2.1, lo: 0, hi: 4.7, params: { fullMm: 45 } },
          { key: 'crop-use', mm: -5.6, params: { untilMs: at(18) } },
          { key: 'rain-expected', mm: 0, lo: 0, hi: 1.2, params: { byMs: at(18) } },
          { key: 'available-then', mm: -3.5, params: { atMs: at(18) } },
          {
            key: 'depth',
            mm: 18,
            params: {
              minutes: 130,
              rateMmH: 8.3,
              netMm: 15.3,
              efficiencyPercent: 85,
              adjustPercent: 0,
              limit: 'max-minutes',
              fromMm: -3.5,
              toMm: 11.8,
              ofMm: 45,
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
    counterfactuals: { key: 'rain-over', params: { mm: 5, byMs: at(5.5) } },
    after: null,
    history: [
      {
        id: `${card.decisionId}-1`,
        atMs: at(5.3, addDays(DAY, -1)),
        verdict: { key: 'enough-soon', params: { leftMm: 7, rawMm: 45, days: 1.4 } },
      },
      {
        id: `${card.decisionId}-2`,
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
    fields: object = {},
  ) => ({
    id,
    day: DAY,
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
    isTest: false,
    rainSkip: null,
    endReason: null,
    cutAtMs: null,
    cutMm: null,
    cutBy: null,
    ranMinutes: null,
    isRanBound: false,
    litres: null,
    volumeSource: null,
    restMinutes: null,
    plannedLitres: mm * 3_200,
    confirmedLitres: null,
    meteredLitres: null,
    decisionId: `why-${field[0]}`,
    ...fields,
  })
  return [
    run('run-0', 1.5, ['south-1', 'South 1'], 95, 13, 'done', {
      ranMinutes: 95,
      litres: 35_300,
      volumeSource: 'metered',
      confirmedLitres: 41_200,
      meteredLitres: 35_300,
    }),
    run('run-1', 3.5, ['paddy-8', 'Paddy 8'], 60, 8, 'skipped', {
      endReason: 'rain-reached',
      cause: 'paddy',
      rainSkip: { key: 'rain-fell', mm: 5, byMs: at(3.4), measuredMm: 7.2 },
    }),
    run('run-2', 5 + 40 / 60, ['north-3', 'North 3'], 130, 18, 'proposed'),
    run('run-3', 8, ['hill-2', 'Hill 2'], 80, 12, 'approved'),
    run('run-4', 18, ['shrine-east', 'Shrine east'], 110, 15, 'proposed', {
      rainSkip: { key: 'rain-by', mm: 5, byMs: at(17.5), measuredMm: null },
    }),
  ]
}
