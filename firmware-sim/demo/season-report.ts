/** The report that `npm run sim` prints after a season. */
import type { SeasonOutcome } from './season.ts'

/** A few lines for a person; every number is from the outcome. */
export function seasonReport(outcome: SeasonOutcome): string {
  const { fields, et0 } = outcome
  const width = Math.max(...fields.map(({ field }) => field.length))
  const row = (name: string, cells: (string | number)[]) =>
    `  ${name.padEnd(width)}  ${cells.map((cell) => String(cell).padStart(9)).join(' ')}`
  return [
    `${outcome.days} days of ${outcome.weather} from ${outcome.fromDay}, ${outcome.crop}, series in ${outcome.series}: ` +
      `${outcome.messages} messages in ${outcome.seconds.toFixed(1)} s, ${outcome.deadLetters} dead letters`,
    '',
    row('field', ['rain mm', 'water mm', 'm3', 'runs', 'drained', 'of irrig.', 'stress d', 'yield %']),
    ...fields.map((field) =>
      row(field.field, [
        field.rainMm.toFixed(0),
        field.appliedMm.toFixed(0),
        field.meteredM3.toFixed(0),
        field.runs,
        field.drainageMm.toFixed(0),
        field.drainedOfIrrigationMm.toFixed(0),
        field.stressDays,
        (100 * field.relativeYield).toFixed(1),
      ]),
    ),
    '',
    et0
      ? `ET0 against the measured column, ${et0.days} days: RMSE ${et0.rmseMm.toFixed(3)} mm, bias ${et0.biasMm.toFixed(3)} mm, ` +
        `largest ${et0.maxErrorMm.toFixed(2)} mm (mean ${et0.meanMm.toFixed(2)} mm)`
      : 'ET0: the weather has no measured column to compare with',
    `decisions ${outcome.decisions}`,
  ].join('\n')
}
