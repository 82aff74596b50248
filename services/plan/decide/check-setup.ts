/** What a setup line must fulfil beyond its schema. */
import { startOfDay } from '../../../broker/contract/time.ts'
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import type { SetupLine } from './json-lines.ts'
import type { Layer } from '../../irrigation-model/soil-layers.ts'
import { soilLayers } from './soil.ts'

/** The error names the field of the setup, the expected value and the one found. */
export function checkSetup({
  site,
  field,
}: SetupLine): Result<{ layers: readonly Layer[]; timeZone: string }> {
  const { soil, plantingDay, irrigation, harvestDay = null } = field
  const layers = soilLayers(soil)
  if (!layers.ok) return layers
  const { minMm = null, maxMmPerDay = null } = irrigation ?? {}
  if (minMm !== null && maxMmPerDay !== null && minMm > maxMmPerDay)
    return err(`field.irrigation.minMm: at most maxMmPerDay (${maxMmPerDay}) was expected, got ${minMm}`)
  const timeZone = site.timeZone ?? 'UTC'
  try {
    startOfDay(plantingDay, timeZone)
  } catch {
    return err(`site.timeZone: a time zone was expected, got ${timeZone}`)
  }
  if (harvestDay !== null && !(harvestDay > plantingDay))
    return err(`field.harvestDay: a day after plantingDay (${plantingDay}) was expected, got ${harvestDay}`)
  return ok({ layers: layers.value, timeZone })
}
