/** Volumetric water content from the raw value of a soil-moisture sensor. m³/m³; null for an invalid raw value. */

/** From the real permittivity, mineral soil (Topp, Davis & Annan 1980, Water Resour. Res. 16:574). */
export const toppVwc = (permittivity: number): number | null =>
  finite(-5.3e-2 + 2.92e-2 * permittivity - 5.5e-4 * permittivity ** 2 + 4.3e-6 * permittivity ** 3)

/** Stevens Hydra Probe from the real permittivity, mineral soil: 0.109 √ε - 0.179 (Seyfried et al. 2005). */
export const hydraProbeVwc = (permittivity: number): number | null =>
  permittivity >= 0 ? finite(0.109 * Math.sqrt(permittivity) - 0.179) : null

/** Decagon 10HS from millivolts, mineral soil, as printed in its manual. Unconfirmed: found in one source. */
export const decagon10hsVwc = (mV: number): number | null =>
  finite(2.97e-9 * mV ** 3 - 7.37e-6 * mV ** 2 + 6.69e-3 * mV - 1.92)

/** Decagon EC-5 from raw counts, mineral soil, as printed in its manual. Unconfirmed: found in one source. */
export const decagonEc5Vwc = (raw: number): number | null => finite(8.5e-4 * raw - 0.48)

/** Raw values of a sensor in dry and in wet soil of known water content. Raw may decrease with water. */
export interface TwoPoints {
  rawDry: number
  rawWet: number
  vwcDry: number
  vwcWet: number
}

/** A capacitive sensor: linear between its two points and constant beyond them, outside the calibration. */
export function twoPointVwc(raw: number, { rawDry, rawWet, vwcDry, vwcWet }: TwoPoints): number | null {
  if (!Number.isFinite(raw) || rawDry === rawWet) return null
  const share = Math.min(1, Math.max(0, (raw - rawDry) / (rawWet - rawDry)))
  return finite(vwcDry + share * (vwcWet - vwcDry))
}

/**
 * Corrected for the temperature effect of a sensor: `perC` in m³/m³ a degree, of the order of 0.001 for cheap
 * capacitive ones (unconfirmed: it is specific to the sensor and is determined over a day without rain).
 */
export const atReferenceTemp = (
  vwc: number,
  tempC: number,
  { perC, refC }: { perC: number; refC: number },
): number | null => finite(vwc - perC * (tempC - refC))

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
