/**
 * The salt of the roots over a season: what irrigation brings, less what leaching carries away with soil water of twice the EC
 * of the saturated extract (FAO-29, section 1.4: ECsw = 2 ECe).
 */

/** FAO-29, Table 3: with a leaching fraction of 15-20 % the soil reaches this multiple of the water's EC. */
const LONG_TERM = 1.5
const SOIL_WATER = 2

/** ECe at planting: measured, else of years with the same water; null: unknown. dS/m. */
export const saltAtPlanting = (soilEcDsM: number | null, waterEcDsM: number | null): number | null =>
  soilEcDsM ?? (waterEcDsM === null ? null : LONG_TERM * waterEcDsM)

/**
 * ECe after an irrigation, dS/m. `storeMm`: water of the roots at field capacity. `leachedMm`: of `netMm`, what passes the
 * roots.
 */
export function saltAfter(
  ecDsM: number,
  waterEcDsM: number,
  { netMm, leachedMm, storeMm }: { netMm: number; leachedMm: number; storeMm: number },
): number {
  const atSaturationMm = SOIL_WATER * storeMm
  return Math.max(0, ecDsM + (waterEcDsM * netMm - SOIL_WATER * ecDsM * leachedMm) / atSaturationMm)
}
