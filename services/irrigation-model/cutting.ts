/**
 * Crops that are cut several times: their row of Table 11 is one cycle, and the next one begins with the leaves of a cut stand on
 * grown roots.
 */
import type { Crop } from '../agronomy/crops/crop.ts'
import { seasonLengthD } from '../agronomy/crops/growth.ts'
import { param, type FieldEnsemble } from './field-ensemble.ts'

const cutCrops = ['alfalfa', 'clover', 'rye-grass', 'sudan', 'bermuda'] as const

/** The length of a cycle, days of Table 11; null: the crop is harvested once. */
export const cutCycleD = (crop: Crop): number | null =>
  cutCrops.some((name) => crop.id.startsWith(name)) && !crop.id.includes('seed') ? seasonLengthD(crop) : null

/** Cuts the leaves of every member. */
export function cutLeaves({ layers, states, unprobed, canopy }: FieldEnsemble): void {
  for (const state of [...states, ...unprobed.states]) state[layers.length + param.cover] = canopy.coverStart
}
