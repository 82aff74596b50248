/** No NaN leaves a function: an answer that is no number is refused where it arises, by the name of what made it so. */

type Inputs = Readonly<Record<string, number | null | undefined>>

/** An answer where it is a number; else RangeError that names the input that was none, or all of them. */
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

/** Every number of a row of inputs, and of the rows in it. Null and what is no number are left alone. RangeError by name. */
export function assertNumbers(row: object, name = ''): void {
  for (const [key, input] of Object.entries(row)) {
    if (typeof input === 'number' && !Number.isFinite(input))
      throw new RangeError(`${name}${key} must be a number, got ${input}`)
    if (typeof input === 'object' && input !== null) assertNumbers(input as object, `${name}${key}.`)
  }
}
