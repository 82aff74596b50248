/** What is wrong with a value, in one line, from the first error of its schema. */

/** An error of TypeBox: its path as a JSON pointer. */
interface SchemaError {
  keyword: string
  instancePath: string
  message: string
}

/**
 * The path of the wrong value, and what was expected there. A field that the schema does not have is `not expected`: its
 * schema is `false`, which names nothing.
 */
export function schemaMessage(
  error: SchemaError | undefined,
  otherwise: string,
): { path: string[]; message: string } {
  const { keyword = '', instancePath = '', message = otherwise } = error ?? {}
  return {
    path: instancePath.split('/').slice(1),
    message: keyword === 'boolean' ? 'is not expected' : message,
  }
}
