/** Command-line options of `npm run validate`: the data folder, the lines, and the output format. */
import { parseArgs } from 'node:util'
import { err, ok, type Result } from '../../broker/contract/result.ts'
import type { Line } from './line.ts'

export interface Options {
  dataDir: string
  lines: Line[]
  isJson: boolean
  isVerbose: boolean
}

export const usageOf = (lines: readonly Line[]): string => `usage: npm run validate -- --data DIR [line ...]

Scores the science on real measurements. Exit code 0: every target is met; 1: one is not; 2: it could not start.

lines (default: all):
${lines.map(({ name, about }) => `  ${name.padEnd(Math.max(...lines.map((line) => line.name.length)))}  ${about}`).join('\n')}

options:
  --data DIR  the folder that holds data/ and vectors/
  --json      print the figures as JSON
  --verbose   print the vectors that were omitted because Tilth has no such model
  --help      print this text
`

/** 'help' for --help. The error names the argument. */
export function readOptions(args: readonly string[], available: readonly Line[]): Result<Options | 'help'> {
  const parsed = parse(args)
  if (!parsed.ok) return parsed
  const { values, positionals } = parsed.value
  if (values.help) return ok('help')
  const unknownName = positionals.find((name) => !available.some((line) => line.name === name))
  if (unknownName !== undefined)
    return err(`no line is called ${unknownName}; there are ${available.map(({ name }) => name).join(', ')}`)
  if (values.data === undefined || values.data === '')
    return err('--data: expected the folder that holds data/ and vectors/, got nothing')
  return ok({
    dataDir: values.data,
    // in the order of the table, each once
    lines: available.filter(({ name }) => positionals.length === 0 || positionals.includes(name)),
    isJson: values.json ?? false,
    isVerbose: values.verbose ?? false,
  })
}

function parse(args: readonly string[]) {
  try {
    return ok(
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          data: { type: 'string' },
          json: { type: 'boolean' },
          verbose: { type: 'boolean' },
          help: { type: 'boolean', short: 'h' },
        },
      }),
    )
  } catch (error) {
    return err((error as Error).message.split('. ')[0]!)
  }
}
