/** The times a valve can be opened for: the usual ones, the one that is planned, and never more than its limit. */
const USUAL_MIN = [30, 60, 120, 240]

/** Whole minutes in order, four at the most. */
export function durationChoices(limitMinutes: number, wantedMinutes: number | null): number[] {
  const limit = Math.floor(limitMinutes)
  if (limit < 1) return []
  const wanted = wantedMinutes === null ? [] : [Math.min(limit, Math.max(1, Math.round(wantedMinutes)))]
  const others = [...USUAL_MIN.filter((minutes) => minutes < limit), limit].filter(
    // two chips a person cannot tell apart are one
    (minutes) =>
      wanted.every((one) => one === minutes || Math.abs(one - minutes) > Math.max(5, minutes * 0.12)),
  )
  const all = [...new Set([...wanted, ...others])].sort((a, b) => a - b)
  while (all.length > 4) all.splice(all[0] === wanted[0] ? 1 : 0, 1)
  return all
}
