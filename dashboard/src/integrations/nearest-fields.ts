/** Fields in the order of their distance to a place. */
import type { MapView } from '../../../services/api/schemas.ts'

/** The nearest first; those that are not on the map stay behind, in their order. */
export function nearestFirst<Field extends { id: string }>(
  fields: readonly Field[],
  onMap: readonly Pick<MapView['fields'][number], 'id' | 'at'>[],
  { latDeg, lonDeg }: { latDeg: number; lonDeg: number },
): Field[] {
  const eastScale = Math.cos((latDeg * Math.PI) / 180)
  const distances = new Map(
    onMap.map(({ id, at: [fieldLonDeg, fieldLatDeg] }) => [
      id,
      Math.hypot(fieldLatDeg - latDeg, (fieldLonDeg - lonDeg) * eastScale),
    ]),
  )
  const distanceOf = ({ id }: Field): number => distances.get(id) ?? Number.MAX_VALUE
  return [...fields].sort((a, b) => distanceOf(a) - distanceOf(b))
}
