/**
 * No function returns NaN: a result that is not a finite number throws where it arises, with the name of the input
 * that caused it.
 */

type Inputs = Readonly<Record<string, number | null | undefined>>

/**
 * The result if it is a finite number; otherwise RangeError with the input that is not finite, or with all of them.
 */
export const finite = (result: number, inputs: Inputs): number =>
  Number.isFinite(result) ? result : throwNotFinite(inputs)

function throwNotFinite(inputs: Inputs): never {
  const entries = Object.entries(inputs)
  const invalid = entries.find(([, input]) => input != null && !Number.isFinite(input))
  if (invalid) throw new RangeError(`${invalid[0]} must be a number, got ${invalid[1]}`)
  throw new RangeError(
    `${entries.map(([name]) => name).join(', ')} must give a number, got ${entries.map(([, input]) => input).join(', ')}`,
  )
}

/** Checks every number of an object, recursively. Null and other types are ignored. RangeError by name. */
export function assertNumbers(row: object, name = ''): void {
  for (const [key, input] of Object.entries(row)) {
    if (typeof input === 'number' && !Number.isFinite(input))
      throw new RangeError(`${name}${key} must be a number, got ${input}`)
    if (typeof input === 'object' && input !== null) assertNumbers(input as object, `${name}${key}.`)
  }
}
