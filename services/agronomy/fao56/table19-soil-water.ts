/**
 * FAO-56 Table 19 (Allen et al. 1998): soil water by texture: field capacity and wilting point, m³/m³, and the
 * evaporable water of the topmost 0.10 m: readily (REW) and total (TEW), mm. Ranges, low and high.
 */
export type SoilRow = readonly [texture: string, fc: Range, wp: Range, rewMm: Range, tewMm: Range]
type Range = readonly [low: number, high: number]

export const table19: readonly SoilRow[] = [
  ['sand', [0.07, 0.17], [0.02, 0.07], [2, 7], [6, 12]],
  ['loamy-sand', [0.11, 0.19], [0.03, 0.1], [4, 8], [9, 14]],
  ['sandy-loam', [0.18, 0.28], [0.06, 0.16], [6, 10], [15, 20]],
  ['loam', [0.2, 0.3], [0.07, 0.17], [8, 10], [16, 22]],
  ['silt-loam', [0.22, 0.36], [0.09, 0.21], [8, 11], [18, 25]],
  ['silt', [0.28, 0.36], [0.12, 0.22], [8, 11], [22, 26]],
  ['silty-clay-loam', [0.3, 0.37], [0.17, 0.24], [8, 11], [22, 27]],
  ['silty-clay', [0.3, 0.42], [0.17, 0.29], [8, 12], [22, 28]],
  ['clay', [0.32, 0.4], [0.2, 0.24], [8, 12], [22, 29]],
]
