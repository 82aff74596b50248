/** The soil of a field in layers: storage and deficit between two depths. mm of water. */
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { soilOf } from '../../agronomy/water/soils.ts'
import type { SetupLine } from './json-lines.ts'

export interface Layer {
  toM: number // the lowest layer is unbounded
  fieldCapacity: number
  wiltingPoint: number
}

/** The entered layers, else one layer of the texture. */
export function soilLayers(soil: SetupLine['field']['soil']): Result<readonly Layer[]> {
  const layers = soil.layers ?? ofTexture(soil.texture ?? null)
  if (!layers)
    return err(`field.soil: layers or a texture of FAO-56 Table 19, got ${soil.texture ?? 'neither'}`)
  for (const [i, layer] of layers.entries()) {
    if (layer.wiltingPoint >= layer.fieldCapacity)
      return err(
        `field.soil.layers.${i}: wiltingPoint must be below fieldCapacity, got ${layer.wiltingPoint}`,
      )
    if (i > 0 && layer.toM <= layers[i - 1]!.toM)
      return err(`field.soil.layers.${i}: toM must grow downwards, got ${layer.toM}`)
  }
  return ok(layers)
}

function ofTexture(texture: string | null): Layer[] | null {
  const soil = texture === null ? undefined : soilOf(texture)
  return soil ? [{ toM: 1, fieldCapacity: soil.fieldCapacity, wiltingPoint: soil.wiltingPoint }] : null
}

/** Total available water, FAO-56 Eq. 82 layer by layer. mm. */
export const storeMm = (layers: readonly Layer[], fromM: number, toM: number): number =>
  1000 * overDepth(layers, fromM, toM, (layer) => layer.fieldCapacity - layer.wiltingPoint)

/** ∫ of(layer) dz */
export function overDepth(
  layers: readonly Layer[],
  fromM: number,
  toM: number,
  property: (layer: Layer) => number,
): number {
  let sum = 0
  let topM = 0
  for (const [i, layer] of layers.entries()) {
    const bottomM = i === layers.length - 1 ? Infinity : layer.toM
    sum += property(layer) * Math.max(0, Math.min(bottomM, toM) - Math.max(topM, fromM))
    topM = layer.toM
  }
  return sum
}
