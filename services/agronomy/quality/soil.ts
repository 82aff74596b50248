/**
 * Quality control of a soil-moisture sensor with hindsight: faults that no single reading shows. The noise of the
 * sensor is estimated from the record itself, and a rise after water is accepted. It reports findings and never
 * changes a value. Tests after the ISMN (Dorigo et al. 2013, doi:10.2136/vzj2012.0097), which has none for a value
 * stuck at a normal level.
 */
import { pointsOf, quantile, type Point, type SoilFinding, type SoilRecord } from './soil-record.ts'
import { stuck } from './stuck.ts'
import { excursions, spikes } from './steps.ts'

const MIN_H = 72

/**
 * All findings of the tests, in the order of the steps. None for a record that is too short to estimate the noise.
 */
export function soilFindings(record: SoilRecord): SoilFinding[] {
  const points = pointsOf(record)
  const findings = [...frozen(record), ...noResponse(record)]
  if (points.length * record.stepH < MIN_H) return findings
  const short = spikes(record, points)
  const steady = without(points, short)
  const excursionList = excursions(record, steady)
  findings.push(...short, ...excursionList, ...stuck(record, without(steady, excursionList)))
  return findings.toSorted((a, b) => a.from - b.from)
}

const without = (points: readonly Point[], findings: readonly SoilFinding[]): Point[] =>
  points.filter(({ at }) => !findings.some(({ from, to }) => at >= from && at < to))

function frozen({ soilTempC, moisturePct }: SoilRecord): SoilFinding[] {
  return spansWhere(
    moisturePct.length,
    (index) => moisturePct[index] !== null && (soilTempC[index] ?? 1) < 0,
  ).map((span) => ({ test: 'frozen', ...span }))
}

const RESPONSE_MM = 10
const RESPONSE_H = 24
const TOPSOIL_CM = 10

/** 10 mm within a day and a topsoil, not yet wet, that is no wetter a day later: the gauge or the sensor is wrong. */
function noResponse({ depthCm, moisturePct, waterMm, stepH }: SoilRecord): SoilFinding[] {
  if (depthCm === null || depthCm > TOPSOIL_CM) return []
  const day = Math.round(RESPONSE_H / stepH)
  const wet = quantile(
    moisturePct.filter((pct) => pct !== null),
    0.5,
  )
  const findings: SoilFinding[] = []
  for (let from = 0; from + 2 * day <= moisturePct.length; from++) {
    if (!(waterMm[from]! > 0)) continue
    const fell = waterMm.slice(from, from + day)
    if (fell.some((mm) => mm == null)) continue
    const before = moisturePct[from - 1] ?? null
    const after = moisturePct.slice(from, from + 2 * day)
    const isKnown = before !== null && after.every((pct) => pct !== null)
    if (!isKnown || before > wet || fell.reduce<number>((sum, mm) => sum + mm!, 0) < RESPONSE_MM) continue
    if (Math.max(...after.map((pct) => pct!)) > before) continue
    findings.push({ test: 'no-response', from, to: from + 2 * day })
    from += 2 * day - 1
  }
  return findings
}

function spansWhere(length: number, isSo: (at: number) => boolean): { from: number; to: number }[] {
  const spans: { from: number; to: number }[] = []
  for (let from = 0; from < length; from++) {
    if (!isSo(from)) continue
    let to = from + 1
    while (to < length && isSo(to)) to++
    spans.push({ from, to })
    from = to
  }
  return spans
}
