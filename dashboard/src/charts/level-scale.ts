/** The scale of a paddy's gauge: from 15 cm below the soil to 15 cm above it. */
const DEEPEST_MM = 150

/** Whether a water level lies beyond either end of the gauge: -1 below, 1 above, 0 on it. */
export const beyondScale = (mm: number): -1 | 0 | 1 => (mm < -DEEPEST_MM ? -1 : mm > DEEPEST_MM ? 1 : 0)

/** The place of a water level on a gauge of this width, inside its edge. */
export const levelScale =
  (width: number, edge: number): ((mm: number) => number) =>
  (mm) =>
    edge +
    ((Math.max(-DEEPEST_MM, Math.min(DEEPEST_MM, mm)) + DEEPEST_MM) / (2 * DEEPEST_MM)) *
      Math.max(0, width - 2 * edge)
