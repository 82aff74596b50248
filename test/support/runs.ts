/** Number of runs of a property: the stated number with `FC_RUNS=full`, else at most 100. */
const QUICK = 100
const isFull = process.env.FC_RUNS === 'full'

export const runs = (fullRuns: number): number => (isFull ? fullRuns : Math.min(fullRuns, QUICK))
