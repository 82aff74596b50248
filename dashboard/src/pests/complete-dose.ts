/**
 * Dilution, spray volume and product per 10 a depend on one another: any two give the third. A dilution is counted as
 * labels in Japan do: 1000 times is 1 part of product in 1000 of spray. Pure.
 */
export interface DoseEntry {
  dilution: number // times
  volumeL10a: number // of spray
  amount: number // of product, in whichever unit
}
export type DosePart = keyof DoseEntry

/**
 * The complete dose from typed values: the two values typed last stay, the third is calculated. `offered` is complete,
 * and determines the unit of the amount.
 */
export function completeDose(
  offered: DoseEntry,
  typed: Partial<DoseEntry>,
  last: readonly DosePart[],
): DoseEntry {
  const dose = { ...offered, ...typed }
  const third = (['amount', 'volumeL10a', 'dilution'] as const).find(
    (part) => !last.slice(0, 2).includes(part),
  )!
  const perLitre = (offered.amount * offered.dilution) / offered.volumeL10a
  if (third === 'amount') dose.amount = (perLitre * dose.volumeL10a) / dose.dilution
  if (third === 'volumeL10a') dose.volumeL10a = (dose.amount * dose.dilution) / perLitre
  if (third === 'dilution') dose.dilution = (perLitre * dose.volumeL10a) / dose.amount
  return dose
}

/** To three figures, as a person measures it. */
export const roundDose = (value: number): number => Number(value.toPrecision(3))
