/** The help of `npm run decide`: the fields of its lines from their schemas, and the keys of its output. */
import { DayLine, SetupLine } from '../../services/plan/decide/json-lines.ts'
import { decideKeys } from '../../services/plan/decide/message-keys.ts'
import { productKeys } from './message-keys.ts'

/** The part of a JSON schema that the help shows. */
interface SchemaNode {
  type?: string
  const?: unknown
  properties?: Record<string, SchemaNode>
  required?: readonly string[] | undefined
  anyOf?: readonly SchemaNode[]
  items?: SchemaNode
  minimum?: number
  exclusiveMinimum?: number
  maximum?: number
}

const NAME_WIDTH = 34

/** One line a field: its path, its type and range, and whether it may be missing. */
function fieldLines(schema: SchemaNode, path = '', isOptional = false): string[] {
  const node = schema.anyOf?.find(({ type }) => type !== 'null') ?? schema
  const { properties, items, required = [] } = node
  const lines =
    path === '' ? [] : [`  ${path.padEnd(NAME_WIDTH)}${typeText(node)}${isOptional ? ', optional' : ''}`]
  const children = properties ?? items?.properties
  if (!children) return lines
  const isRequired = (name: string) => (items ? (items.required ?? []) : required).includes(name)
  return [
    ...lines,
    ...Object.entries(children).flatMap(([name, child]) =>
      fieldLines(child, path === '' ? name : `${path}.${name}`, !isRequired(name)),
    ),
  ]
}

function typeText({ type, const: literal, minimum, exclusiveMinimum, maximum }: SchemaNode): string {
  if (literal !== undefined) return JSON.stringify(literal)
  const low = minimum ?? (exclusiveMinimum === undefined ? undefined : `above ${exclusiveMinimum}`)
  return low === undefined || maximum === undefined ? (type ?? 'any') : `${type}, ${low} to ${maximum}`
}

/** The text of `npm run decide -- --help`. */
export const usage = (): string =>
  [
    'npm run --silent decide < lines.jsonl',
    'npm run --silent decide -- --product < lines.jsonl',
    '',
    'One JSON object per line. A "setup" line starts a season. Each "day" line reports a day that has ended; the',
    'response is {"type":"decision","day":...,"irrigateMm":...,"why":[...]} for the next day. Units are in the names,',
    'unknown fields are ignored, null is the same as a missing field.',
    '',
    '--product: a complete Tilth answers on a virtual clock. The setup becomes a farm, each day what its station, probes',
    'and meter publish, and the decision is the run that the plan has ordered; "why" is the stored decision.',
    '',
    'setup:',
    ...fieldLines(SetupLine),
    '',
    'day:',
    ...fieldLines(DayLine),
    '',
    'keys of "why":',
    ...Object.entries(decideKeys).map(([key, text]) => `  ${key.padEnd(NAME_WIDTH)}${text}`),
    '',
    'keys of "notes" with --product:',
    ...Object.entries(productKeys).map(([key, text]) => `  ${key.padEnd(NAME_WIDTH)}${text}`),
    '',
  ].join('\n')
