/** The durations offered for opening a valve: the usual ones and the planned one, none above its limit. */
const USUAL_MIN = [5, 15, 30, 60, 120, 240]
const MOST_CHOICES = 6

/** Whole minutes in which a zone gives this net depth; null: none is wanted. */
export const minutesFor = (
  netMm: number | null,
  { efficiency, applicationRateMmH }: { efficiency: number; applicationRateMmH: number },
): number | null => (netMm === null ? null : Math.ceil((60 * netMm) / (efficiency * applicationRateMmH)))

/** Whole minutes in order, six at the most: from a test of five minutes to the planned run or the limit. */
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
  // the longer ones go first, but never the planned one, and not the limit
  while (choices.length > MOST_CHOICES)
    choices.splice(choices.at(-2) === planned[0] ? choices.length - 3 : choices.length - 2, 1)
  return choices
}
