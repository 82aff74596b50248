/**
 * An example value for a schema, for the documentation: chosen by the name of a property where that fits its schema,
 * otherwise the smallest value that does. Deterministic.
 */
import { Check } from 'typebox/value'

interface JsonSchema {
  type?: string
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema | JsonSchema[]
  anyOf?: JsonSchema[]
  allOf?: JsonSchema[]
  enum?: unknown[]
  const?: unknown
  patternProperties?: Record<string, JsonSchema>
  minItems?: number
  minProperties?: number
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
}

const AT_MS = 1_783_296_000_000 // 2026-07-06T00:00:00Z

/** By the end of a property name; the first candidate that fits the schema is used. */
const byName: readonly (readonly [RegExp, readonly unknown[]])[] = [
  [/timeZone$/, ['Asia/Tokyo']],
  [/^latDeg$/, [35.68]],
  [/^lonDeg$/, [139.69]],
  [/^elevationM$/, [40]],
  [/^email$/, ['grower@example.org']],
  [/password/i, ['correct horse battery']],
  [/^crop$/, ['maize', 'rice']],
  [/^name$|Name$/, ['North field']],
  [/^currency$/, ['JPY']],
  [/^unit$/, ['mm']],
  [/^soilTexture$/, ['loam']],
  [/^year$/, [2026, '2026']],
  [/Day$|^day$/, ['2026-07-06']],
  [/(AtMs|Ms)$/, [AT_MS]],
  [/Minutes$|^minutes$/, [30]],
  [/M2$/, [12_000]],
  [/Mm$|^mm$/, [25]],
  [/Kg$|^kg$/, [1200]],
  [/Pct$|Percent$/, [15]],
  [/^fieldCapacity$/, [0.31]],
  [/^wiltingPoint$/, [0.14]],
  [/^saturation$/, [0.46]],
  [/^soilDepthM$/, [0.8]],
  [/^initialVwc$/, [0.22]],
  [/^url$|Url$/, ['https://example.org/hook']],
  [/^idem$/, ['2026-07-06-a1b2c3']],
  [/^valve$/, ['V1']],
  [/^(org|orgId)$/, ['north-farm']],
  [/^quantity$/, ['soil.moisture']],
]

/** Strings for patterns and formats. */
const texts = [
  'text',
  'en',
  '2026-07-06',
  '2026',
  'north-farm',
  '2026-07-06-a1b2c3',
  'JPY',
  '1',
  '0123456789abcdef'.repeat(4),
  `1-${'0123456789abcdef'.repeat(4)}`,
  'AAAA',
  '0123456789abcdef'.repeat(8),
  'A'.repeat(22),
  'A'.repeat(87),
  'grower@example.org',
  'https://example.org/hook',
]

const fits = (schema: JsonSchema, value: unknown): boolean => Check(schema as never, value)

/** `name`: the property with this schema. Undefined for a number, and `''` for a text, that no candidate fits. */
export function exampleOf(schema: unknown, name = ''): unknown {
  const node = schema as JsonSchema
  const named = byName.find(([pattern]) => pattern.test(name))?.[1] ?? []
  const hint = named.find((value) => fits(node, value))
  if (hint !== undefined) return hint
  if (node.const !== undefined) return node.const
  if (node.enum) return node.enum[0]
  if (node.anyOf) {
    const examples = node.anyOf.filter(({ type }) => type !== 'null').map((part) => exampleOf(part, name))
    return examples.find((example) => fits(node, example)) ?? null
  }
  if (node.allOf)
    return Object.assign({}, ...node.allOf.map((part) => exampleOf(part, name) as object)) as unknown
  switch (node.type) {
    case 'object':
      return objectExample(node)
    case 'array':
      return arrayExample(node, name)
    case 'string':
      return (
        [...(/[iI]d$/.test(name) ? [`${name.replace(/Id$/, '') || 'id'}-1`] : []), ...texts].find((text) =>
          fits(node, text),
        ) ?? ''
      )
    case 'number':
    case 'integer':
      return [1, 0, 10, 100, 0.3, node.minimum, node.maximum].find(
        (value) => value !== undefined && fits(node, value),
      )
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return {}
  }
}

function objectExample({ properties = {}, required = [], minProperties = 0 }: JsonSchema): object {
  const keys = Object.keys(properties)
  const includedKeys = required.length >= minProperties ? required : keys.slice(0, Math.max(minProperties, 1))
  return Object.fromEntries(
    keys.filter((key) => includedKeys.includes(key)).map((key) => [key, exampleOf(properties[key], key)]),
  )
}

function arrayExample({ items, minItems = 0 }: JsonSchema, name: string): unknown[] {
  if (Array.isArray(items)) return items.map((item) => exampleOf(item, name))
  const item = exampleOf(items, name.replace(/s$/, ''))
  return Array.from({ length: Math.max(1, minItems) }, () => item)
}
