/** What `npm run torture` may be asked: fault lines by name, how long, from which seed, and how to print. */
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

/** `lines`: name and what it breaks, in the order of the table. */
export const usage = (
  lines: readonly { name: string; fault: string }[],
): string => `usage: npm run torture -- [options] [line ...]

fault lines, all of them when none is named:
${lines.map(({ name, fault }) => `  ${name.padEnd(5)} ${fault}`).join('\n')}

options:
  --long     as many and as long as the targets say, instead of about a minute a line
  --seed N   the moments of the faults follow from it (1)
  --json     print the figures as JSON
  --built    torture dist/ as it stands; otherwise it is built when a source is newer
  --any-machine  times, rates and memory are printed and decide nothing: for a machine of unknown speed
  --help     this text
`

/** The reason names the argument that is not known. Lines come in the order of `known`, each once. */
export function readOptions(args: readonly string[], known: readonly string[]): Result<Options> {
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
    else if (!known.includes(arg)) return err(`no fault line is called ${arg}; there are ${known.join(', ')}`)
    else options.lines.push(arg)
  }
  options.lines = known.filter((name) => options.lines.length === 0 || options.lines.includes(name))
  return ok(options)
}
