/**
 * Target levels of each stage of a paddy, and their limits. mm, signed, 0 = soil surface. Bands may be set for a
 * field; limits are unconfirmed where no source is named.
 */
import { AWD_LIMIT_MM } from './balance.ts'
import type { PaddyStage } from './stages.ts'

export interface StageDepths {
  /** the target band: below the first, fill to the second. Null: no water is needed. */
  targetBandMm: readonly [loMm: number, hiMm: number] | null
  mayFill: boolean
  /** a field that dries now loses seedlings or grain */
  mustPond: boolean
  /** rain above this is drained; below it is free water */
  drainAboveMm: number
  /** storm water may be this deep for a day or two */
  stormMaxMm: number
  source: string
}

export const paddyDepths: Readonly<Record<PaddyStage, StageDepths>> = {
  rooting: {
    targetBandMm: [30, 50],
    mayFill: true,
    mustPond: true,
    drainAboveMm: 80,
    stormMaxMm: 100, // seedlings are 12 to 15 cm tall
    source: 'Tohoku Agr. Exp. Sta., rice and cold damage: 3-4 cm by day, 5 by night',
  },
  tillering: {
    targetBandMm: [10, 30],
    mayFill: true,
    mustPond: false,
    drainAboveMm: 70,
    stormMaxMm: 150,
    source: 'Tohoku Agr. Exp. Sta., rice and cold damage: about 3 cm',
  },
  'mid-season-drainage': {
    targetBandMm: [AWD_LIMIT_MM, 0],
    mayFill: false,
    mustPond: false,
    drainAboveMm: 10,
    stormMaxMm: 150,
    source: 'JA and prefecture, Joetsu 2015: cracks below 1 cm, a light footprint',
  },
  intermittent: {
    targetBandMm: [AWD_LIMIT_MM, 50],
    mayFill: true,
    mustPond: false,
    drainAboveMm: 100,
    stormMaxMm: 200,
    source: 'IRRI, safe alternate wetting and drying: flooded to 5 cm again at -15 cm in the field tube',
  },
  panicle: {
    targetBandMm: [20, 60],
    mayFill: true,
    mustPond: true,
    drainAboveMm: 120,
    stormMaxMm: 200,
    source: 'Iwate 2019: 4-6 cm about the initiation of the panicle',
  },
  booting: {
    targetBandMm: [30, 80],
    mayFill: true,
    mustPond: true,
    drainAboveMm: 150,
    stormMaxMm: 200,
    source: 'Iwate 2019: towards 10 cm at meiosis',
  },
  heading: {
    targetBandMm: [20, 50],
    mayFill: true,
    mustPond: true,
    drainAboveMm: 100,
    stormMaxMm: 150,
    source: 'prefectures: kept under water from heading until all ears are out; IRRI: ponded at flowering',
  },
  ripening: {
    targetBandMm: [AWD_LIMIT_MM, 30],
    mayFill: true,
    mustPond: false,
    drainAboveMm: 80,
    stormMaxMm: 150,
    source: 'Yamamoto town, Miyagi: wet soil by short fillings until 30 days after heading',
  },
  'final-drainage': {
    targetBandMm: null,
    mayFill: false,
    mustPond: false,
    drainAboveMm: 10,
    stormMaxMm: 100, // lodged rice sprouts in water
    source: 'Yamamoto town, Miyagi: not before 30 days after heading',
  },
}

/** Custom bands by stage; an invalid band (not a lower and a higher number) is ignored. */
export type CustomBands = Partial<Record<PaddyStage, readonly [loMm: number, hiMm: number]>>

/** Target levels of a stage, with the field's custom band where it has one. */
export function depthsOf(stage: PaddyStage, custom: CustomBands | null = null): StageDepths {
  const defaultBand = paddyDepths[stage]
  const band = custom?.[stage]
  if (!band || defaultBand.targetBandMm === null || !defaultBand.mayFill) return defaultBand
  const [loMm, hiMm] = band
  if (!Number.isFinite(loMm) || !Number.isFinite(hiMm) || loMm >= hiMm) return defaultBand
  return {
    ...defaultBand,
    targetBandMm: [loMm, hiMm],
    drainAboveMm: Math.max(defaultBand.drainAboveMm, hiMm + 20),
  }
}
