/**
 * FAO-56 Table 20 (Allen et al. 1998): the share of the surface that a wetting wets, fw. Ranges, low and high. Library:
 * the product does not use it yet (docs/agronomy.md, section 10).
 */
export const table20 = {
  precipitation: [1, 1],
  sprinkler: [1, 1],
  basin: [1, 1],
  border: [1, 1],
  'furrow every, narrow bed': [0.6, 1],
  'furrow every, wide bed': [0.4, 0.6],
  'furrow alternated': [0.3, 0.5],
  trickle: [0.3, 0.4],
} as const satisfies Record<string, readonly [low: number, high: number]>
