/** The diseases of a field: the last assessed day, the reason, and the fortnight before it. Worst first. */
import { diseaseOf } from '../../agronomy/disease/catalogue.ts'
import { readDiseaseReason, type DiseaseDayRow } from '../../tables.ts'
import type { FieldDetail } from './field-schemas.ts'

type DiseaseView = FieldDetail['diseases'][number]

// an unknown risk ranks above a low one
const urgency: Record<DiseaseView['level'], number> = { high: 0, moderate: 1, unknown: 2, low: 3 }

/** `rows` in order of their days. */
export function diseaseViews(rows: readonly DiseaseDayRow[]): DiseaseView[] {
  const byDisease = new Map<string, DiseaseDayRow[]>()
  for (const row of rows) byDisease.set(row.disease, [...(byDisease.get(row.disease) ?? []), row])
  return [...byDisease.values()]
    .map(view)
    .sort((a, b) => urgency[a.level] - urgency[b.level] || (a.disease < b.disease ? -1 : 1))
}

function view(days: readonly DiseaseDayRow[]): DiseaseView {
  const last = days.at(-1)!
  const existing = diseaseOf(last.disease)
  return {
    disease: last.disease,
    level: last.level,
    value: last.value,
    unit: last.unit,
    reason: readDiseaseReason(last.reason),
    wetness: last.wetness,
    throughDay: last.day,
    days: days.map(({ day, level }) => ({ day, level })),
    confirmed: existing?.confirmed ?? false,
    source: existing?.source ?? '',
  }
}
