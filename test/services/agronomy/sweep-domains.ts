/** For each exported function of services/agronomy: valid arguments. By file, then by name. */
import { ofAir } from './sweep/air.ts'
import { ofDiseases } from './sweep/disease.ts'
import { ofPaddies } from './sweep/paddy.ts'
import { ofPests } from './sweep/pests.ts'
import { ofQuality } from './sweep/quality.ts'
import type { Domains } from './sweep/values.ts'
import { ofWater } from './sweep/water.ts'

/** Arguments that are indexes of a list, which only a loop over it passes. */
export const placesIn: ReadonlyMap<string, number> = new Map([
  ['usualSize', 1],
  ['fallAt', 1],
  ['wiggleAt', 1],
  ['minStepPct', 1],
])

/** Arguments by function. */
export const domains: Domains = {
  ...ofAir,
  ...ofWater,
  ...ofPaddies,
  ...ofPests,
  ...ofDiseases,
  ...ofQuality,
}
