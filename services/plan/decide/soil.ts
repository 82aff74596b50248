/** The soil of a setup line in layers. */
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { soilOf } from '../../agronomy/water/soils.ts'
import type { Layer } from '../../irrigation-model/soil-layers.ts'
import type { SetupLine } from './json-lines.ts'

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

/** Standard deviation of the limits, m³/m³: measured layers are better known than a row of Table 19. Unconfirmed */
export const limitsSdOf = ({ layers }: SetupLine['field']['soil']): number => (layers ? 0.01 : 0.03)

function ofTexture(texture: string | null): Layer[] | null {
  const soil = texture === null ? undefined : soilOf(texture)
  return soil ? [{ toM: 1, fieldCapacity: soil.fieldCapacity, wiltingPoint: soil.wiltingPoint }] : null
}
