/** The fields of each farm, by name: ordered by name, not by status, so that a field keeps its place. */
import type { FieldCard } from '../../../services/api/schemas.ts'

export interface FarmFields {
  id: string
  name: string
  fields: FieldCard[]
}

/** Names in the language's order, with numeric collation: Paddy 8 before Paddy 10. */
export function groupByFarm(cards: readonly FieldCard[], language: string): FarmFields[] {
  const farms = new Map<string, FarmFields>()
  for (const card of cards) {
    let farm = farms.get(card.farmId)
    if (!farm) farms.set(card.farmId, (farm = { id: card.farmId, name: card.farmName, fields: [] }))
    farm.fields.push(card)
  }
  const { compare } = new Intl.Collator(language, { numeric: true })
  for (const farm of farms.values()) farm.fields.sort((a, b) => compare(a.name, b.name))
  return [...farms.values()].sort((a, b) => compare(a.name, b.name))
}

/** The first `count` fields, starting with the first farm. */
export function firstFields(farms: readonly FarmFields[], count: number): FarmFields[] {
  let remaining = count
  return farms.flatMap((farm) => {
    const fields = farm.fields.slice(0, Math.max(0, remaining))
    remaining -= fields.length
    return fields.length === 0 ? [] : [{ ...farm, fields }]
  })
}
