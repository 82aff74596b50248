/** The durations offered for opening a valve: the usual ones and the planned one, none above its limit. */
const USUAL_MIN = [30, 60, 120, 240]

/** Whole minutes in order, four at the most. */
export function durationChoices(limitMinutes: number, wantedMinutes: number | null): number[] {
  const limit = Math.floor(limitMinutes)
  if (limit < 1) return []
  const planned = wantedMinutes === null ? [] : [Math.min(limit, Math.max(1, Math.round(wantedMinutes)))]
  const usual = [...USUAL_MIN.filter((minutes) => minutes < limit), limit].filter(
    // nearly equal durations are merged
    (minutes) =>
      planned.every((item) => item === minutes || Math.abs(item - minutes) > Math.max(5, minutes * 0.12)),
  )
  const choices = [...new Set([...planned, ...usual])].sort((a, b) => a - b)
  while (choices.length > 4) choices.splice(choices[0] === planned[0] ? 1 : 0, 1)
  return choices
}
