/**
 * Frost that ends an annual crop: the temperature that kills its leaves and stems once its growing point is above the ground.
 * US Corn Belt extension has 28 °F (-2.2 °C) for maize; the others by the classes of FAO's Frost Protection (Snyder & de
 * Melo-Abreu 2005). Unconfirmed for a variety, and for the height at which the station measures.
 */
import type { Day } from '../../broker/contract/time.ts'
import type { Canopy } from './canopy.ts'

/** The night that ended a crop. */
export interface FrostNight {
  day: Day
  minC: number
}

const killsAtC: Readonly<Record<string, number>> = {
  maize: -2.2,
  sorghum: -2.2,
  soybean: -2.2,
  cotton: -2,
  potato: -2,
  groundnut: -1,
  'sweet-potato': -1,
  tomato: -1,
  pepper: -1,
  bean: -1,
  cucumber: -0.5,
  watermelon: -0.5,
}

/** The age from which a frost is final: leaves grow again from a growing point below the ground. Half way to full cover. */
const finalFromD = ({ growsFromD, fullD }: Canopy): number => (growsFromD + fullD) / 2

/** Whether a night ends the crop. `leavesD`: age of the leaves, days of Table 11. */
export function isKilledByFrost(cropId: string, canopy: Canopy, leavesD: number, tMinC: number): boolean {
  const limitC = killsAtC[cropId]
  return limitC !== undefined && leavesD >= finalFromD(canopy) && tMinC <= limitC
}
