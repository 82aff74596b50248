/** What a farm can enter on its screens of a setup line: one crop, one soil, prices, and a zone. Pure. */
import { ok, type Result } from '../../../broker/contract/result.ts'
import { cropOf, crops } from '../../agronomy/crops/catalogue.ts'
import { soils, textureOf, type Texture } from '../../agronomy/water/soils.ts'
import { checkSetup } from './check-setup.ts'
import type { SetupLine } from './json-lines.ts'
import { overDepth, type Layer } from '../../irrigation-model/soil-layers.ts'

export interface FarmEntry {
  crop: { id: string; isKnown: boolean }
  timeZone: string
  /** m3/m3 */
  soil: { texture: Texture; fieldCapacity: number; wiltingPoint: number; saturation: number }
}

/** The errors are those of `checkSetup`. */
export function farmEntry(setup: SetupLine): Result<FarmEntry> {
  const checked = checkSetup(setup)
  if (!checked.ok) return checked
  const { layers, timeZone } = checked.value
  const crop = cropOf(setup.field.crop)
  return ok({
    crop: { id: (crop ?? crops.generic).id, isKnown: crop !== undefined },
    timeZone,
    soil: enteredSoil(setup.field.soil, layers),
  })
}

/** A laboratory mixes its sample over this depth. */
const SAMPLE_M = 1
/** Pores that drain, where the texture's saturation is below the entered field capacity. */
const LEAST_PORES = 0.05

function enteredSoil({ texture, depthM }: SetupLine['field']['soil'], layers: readonly Layer[]) {
  const sampleM = Math.min(SAMPLE_M, depthM ?? SAMPLE_M)
  const mean = (property: (layer: Layer) => number): number =>
    Math.round((1000 * overDepth(layers, 0, sampleM, property)) / sampleM) / 1000
  const fieldCapacity = mean((layer) => layer.fieldCapacity)
  const wiltingPoint = mean((layer) => layer.wiltingPoint)
  const name = textureOf(texture ?? '') ?? nearestTexture(fieldCapacity, wiltingPoint)
  const saturation = Math.max(soils[name].saturation, fieldCapacity + LEAST_PORES)
  return { texture: name, fieldCapacity, wiltingPoint, saturation }
}

/** The texture of Table 19 that holds the most similar water. */
function nearestTexture(fieldCapacity: number, wiltingPoint: number): Texture {
  const distance = (name: Texture) =>
    Math.hypot(soils[name].fieldCapacity - fieldCapacity, soils[name].wiltingPoint - wiltingPoint)
  return (Object.keys(soils) as Texture[]).reduce((a, b) => (distance(b) < distance(a) ? b : a))
}
