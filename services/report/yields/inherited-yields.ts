/**
 * The years before of a field that came of others: what was divided has given to each part by its share, what was put
 * together has given their sum. A sum with an unknown part is unknown. Pure.
 */
import type { FieldLineageRow } from '../../tables.ts'
import { groupBy } from '../../runtime/group-by.ts'
import type { PastYield } from './past-yields.ts'

type Lineage = Pick<FieldLineageRow, 'fieldId' | 'fromFieldId' | 'share'>

/** The yields, and beside them those that fields have from the ones they came of, over any number of steps. */
export function withInheritedYields(past: readonly PastYield[], descents: readonly Lineage[]): PastYield[] {
  const own = groupBy(past, ({ fieldId }) => fieldId)
  const from = groupBy(descents, ({ fieldId }) => fieldId)
  const known = new Map<string, PastYield[]>()

  function yieldsOf(fieldId: string): PastYield[] {
    const found = known.get(fieldId)
    if (found) return found
    const given = (from.get(fieldId) ?? []).flatMap(({ fromFieldId, share }) =>
      yieldsOf(fromFieldId).map(({ year, kg, areaM2 }) => ({
        fieldId,
        year,
        kg: kg === null ? null : kg * share,
        areaM2: areaM2 * share,
      })),
    )
    const all = [...(own.get(fieldId) ?? []), ...sumByYear(given)]
    known.set(fieldId, all)
    return all
  }
  return [...new Set([...own.keys(), ...from.keys()])].flatMap(yieldsOf)
}

/** One a year. */
const sumByYear = (parts: readonly PastYield[]): PastYield[] =>
  [...groupBy(parts, ({ year }) => year).values()].map((some) => ({
    ...some[0]!,
    kg: some.some(({ kg }) => kg === null) ? null : sum(some.map(({ kg }) => kg!)),
    areaM2: sum(some.map(({ areaM2 }) => areaM2)),
  }))

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
