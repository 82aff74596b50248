/**
 * Previous yields of fields created by a split or merge: a split passes on its yield by area share, a merge the sum. A
 * sum with an unknown part is unknown. Pure.
 */
import type { FieldLineageRow } from '../../tables.ts'
import { groupBy } from '../../runtime/group-by.ts'
import type { PastYield } from './past-yields.ts'

type Lineage = Pick<FieldLineageRow, 'fieldId' | 'fromFieldId' | 'share'>

/** The yields, and those that fields inherit from their predecessors over any number of steps. */
export function withInheritedYields(past: readonly PastYield[], descents: readonly Lineage[]): PastYield[] {
  const ownYields = groupBy(past, ({ fieldId }) => fieldId)
  const from = groupBy(descents, ({ fieldId }) => fieldId)
  const resolved = new Map<string, PastYield[]>()

  function yieldsOf(fieldId: string): PastYield[] {
    const cached = resolved.get(fieldId)
    if (cached) return cached
    const inherited = (from.get(fieldId) ?? []).flatMap(({ fromFieldId, share }) =>
      yieldsOf(fromFieldId).map(({ year, kg, areaM2 }) => ({
        fieldId,
        year,
        kg: kg === null ? null : kg * share,
        areaM2: areaM2 * share,
      })),
    )
    const fieldYields = [...(ownYields.get(fieldId) ?? []), ...sumByYear(inherited)]
    resolved.set(fieldId, fieldYields)
    return fieldYields
  }
  return [...new Set([...ownYields.keys(), ...from.keys()])].flatMap(yieldsOf)
}

/** One per year. */
const sumByYear = (parts: readonly PastYield[]): PastYield[] =>
  [...groupBy(parts, ({ year }) => year).values()].map((yearYields) => ({
    ...yearYields[0]!,
    kg: yearYields.some(({ kg }) => kg === null) ? null : sum(yearYields.map(({ kg }) => kg!)),
    areaM2: sum(yearYields.map(({ areaM2 }) => areaM2)),
  }))

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
