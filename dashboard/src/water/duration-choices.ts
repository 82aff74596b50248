/** The durations for opening a valve: the usual ones, the planned one, and none over its limit. */
const USUAL_MIN = [30, 60, 120, 240]

/** Whole minutes in order, four at the most. */
export function durationChoices(limitMinutes: number, wantedMinutes: number | null): number[] {
  const limit = Math.floor(limitMinutes)
  if (limit < 1) return []
  const wanted = wantedMinutes === null ? [] : [Math.min(limit, Math.max(1, Math.round(wantedMinutes)))]
  const others = [...USUAL_MIN.filter((minutes) => minutes < limit), limit].filter(
    // two durations that are nearly equal are one
    (minutes) =>
      wanted.every((item) => item === minutes || Math.abs(item - minutes) > Math.max(5, minutes * 0.12)),
  )
  const all = [...new Set([...wanted, ...others])].sort((a, b) => a - b)
  while (all.length > 4) all.splice(all[0] === wanted[0] ? 1 : 0, 1)
  return all
}
