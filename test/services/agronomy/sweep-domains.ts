/** For each exported function of services/agronomy: arguments that it is made for. By file, then by name. */
import { ofAir } from './sweep/air.ts'
import { ofDiseases } from './sweep/disease.ts'
import { ofPaddies } from './sweep/paddy.ts'
import { ofPests } from './sweep/pests.ts'
import { ofQuality } from './sweep/quality.ts'
import type { Domains } from './sweep/values.ts'
import { ofWater } from './sweep/water.ts'

/** Arguments that are places in a list, which only a loop over it makes. */
export const placesIn: ReadonlyMap<string, number> = new Map([
  ['usualSize', 1],
  ['fallAt', 1],
  ['wiggleAt', 1],
  ['minStepPct', 1],
])

/** Of each function its arguments. */
export const domains: Domains = {
  ...ofAir,
  ...ofWater,
  ...ofPaddies,
  ...ofPests,
  ...ofDiseases,
  ...ofQuality,
}
