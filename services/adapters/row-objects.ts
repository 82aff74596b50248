/**
 * Rows as objects of one shape. An object that is given a name at a time becomes a dictionary beyond some twenty names,
 * and the 10,000 rows of a fleet then take four times the memory and five times as long.
 */
import { CamelCasePlugin, type PluginTransformResultArgs, type QueryResult, type UnknownRow } from 'kysely'

/** The rows with these names, from the values of each in the same order. */
export function objectsOf(names: readonly string[], rows: readonly (readonly unknown[])[]): UnknownRow[] {
  const shape: UnknownRow = Object.fromEntries(names.map((name) => [name, null]))
  return rows.map((values) => {
    const row = { ...shape }
    for (const [i, name] of names.entries()) row[name] = values[i]
    return row
  })
}

/** Names in camel case in the program, and in snake case in the store. */
export class CamelCaseNames extends CamelCasePlugin {
  override async transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    const [first] = result.rows
    if (first === undefined) return result
    const names = Object.keys(first).map((name) => this.camelCase(name))
    return { ...result, rows: objectsOf(names, result.rows.map(Object.values)) }
  }
}
