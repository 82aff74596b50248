/** Options of `npm run torture`: fault lines by name, duration, seed and output. */
import { err, ok, type Result } from '../../broker/contract/result.ts'

export interface Options {
  lines: string[]
  seed: string
  isLong: boolean
  isJson: boolean
  isBuilt: boolean
  isAnyMachine: boolean
  isHelp: boolean
}

const flagNames = {
  '--long': 'isLong',
  '--json': 'isJson',
  '--built': 'isBuilt',
  '--any-machine': 'isAnyMachine',
  '--help': 'isHelp',
} as const

/** `lines`: name and fault, in table order. */
export const usage = (
  lines: readonly { name: string; fault: string }[],
): string => `usage: npm run torture -- [options] [line ...]

fault lines, all of them when none is named:
${lines.map(({ name, fault }) => `  ${name.padEnd(5)} ${fault}`).join('\n')}

options:
  --long     the full size of each target, instead of about a minute per line
  --seed N   seed of the fault times (1)
  --json     print the figures as JSON
  --built    use the existing dist/; otherwise it is rebuilt when a source is newer
  --any-machine  print times, rates and memory without judging them: for a machine of unknown speed
  --help     this text
`

/** The error names the unknown argument. Lines are returned in the order of `known`, without duplicates. */
export function readOptions(args: readonly string[], knownNames: readonly string[]): Result<Options> {
  const options: Options = {
    lines: [],
    seed: '1',
    isLong: false,
    isJson: false,
    isBuilt: false,
    isAnyMachine: false,
    isHelp: false,
  }
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!
    if (arg in flagNames) options[flagNames[arg as keyof typeof flagNames]] = true
    else if (arg === '--seed') {
      const seed = args[++i]
      if (seed === undefined || !/^\d{1,15}$/.test(seed))
        return err(`--seed must be a whole number, got ${seed ?? 'nothing'}`)
      options.seed = seed
    } else if (arg.startsWith('-')) return err(`unknown option ${arg}`)
    else if (!knownNames.includes(arg))
      return err(`no fault line is called ${arg}; there are ${knownNames.join(', ')}`)
    else options.lines.push(arg)
  }
  options.lines = knownNames.filter((name) => options.lines.length === 0 || options.lines.includes(name))
  return ok(options)
}
