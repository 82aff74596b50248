/** How often a property is tried: as often as it states with `FC_RUNS=full`, else 100 times at the most. */
const QUICK = 100
const isFull = process.env.FC_RUNS === 'full'

export const runs = (full: number): number => (isFull ? full : Math.min(full, QUICK))
