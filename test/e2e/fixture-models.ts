/** Learned models of the fixture's farm. */
import { addDays } from '../../broker/contract/time.ts'
import type { FieldCard } from '../../services/api/screens/today-schemas.ts'
import type { ModelCard } from '../../services/api/models/model-schemas.ts'
import { DAY, at, probeOf } from './fixture-day.ts'

/** A probe's two fits, one in use and one not used; an orchard's insect has too little data. */
export function modelsOf(card: FieldCard): ModelCard[] {
  const base = {
    fieldId: card.id,
    fieldName: card.name,
    version: 3,
    fittedAtMs: at(1),
    drift: null,
    replaced: null,
    fromDay: '2026-05-20',
    throughDay: addDays(DAY, -1),
    limits: [{ key: 'this-probe', params: {} }],
  }
  if (card.kind === 'paddy' || card.id === 'greenhouse-1') return []
  const skill = (days: number, rmse: number, physics: number, persistence: number) => ({
    key: `days-${days}`,
    unit: '% vol',
    n: 32 - days,
    rmse,
    persistence,
    physics,
    skill: 1 - rmse / Math.min(physics, persistence),
  })
  const probe = (depthCm: number) => ({
    ...base,
    id: `soil-moisture:${probeOf(card)}@${depthCm}`,
    kind: 'soil-moisture' as const,
    subject: `${probeOf(card)}@${depthCm}`,
    deviceId: probeOf(card),
    deviceName: `${card.name} probe`,
    depthCm,
    rows: 62,
    terms: [
      { key: 'above-limit', unit: '1/d', coefficient: -0.0831, sd: 0.006 },
      { key: 'rain', unit: '% vol / mm', coefficient: 0.214, sd: 0.018 },
      { key: 'et0', unit: '% vol / mm', coefficient: -0.0642, sd: 0.021 },
    ],
  })
  return [
    {
      ...probe(30),
      state: 'used',
      reason: { key: 'better', params: { used: 5, of: 7, gainPct: 31 } },
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
      state: 'fallback',
      reason: { key: 'no-better', params: { used: 0, of: 7 } },
      skill: [skill(1, 0.22, 0.25, 0.18), skill(7, 0.9, 0.88, 0.7)],
    },
    ...(card.crop === 'apple'
      ? [
          {
            ...base,
            id: `pest-flight:${card.id}/codling-moth/2`,
            kind: 'pest-flight' as const,
            rows: 0,
            subject: `${card.id}/codling-moth/2`,
            deviceId: null,
            deviceName: null,
            depthCm: null,
            terms: [],
            skill: [],
            state: 'insufficient-data' as const,
            reason: { key: 'too-few-years', params: { years: 1, need: 3 } },
            limits: [{ key: 'this-trap', params: {} }],
          },
        ]
      : []),
  ]
}
