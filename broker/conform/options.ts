/** The command line of `npm run conform`. */
import { parseArgs } from 'node:util'
import { err, ok, type Result } from '../contract/result.ts'
import { isName } from '../contract/topics.ts'
import { groups, names } from './trials.ts'

/** Lists the groups that `--only` accepts; ends with a line feed. */
export const usage = (): string => `usage: npm run conform -- --device ID [options]

Acts as Tilth's server for a valve controller and reports which rules of the protocol it follows. It opens valves: shut
off the water, or expect it. Takes about 45 minutes and prompts you when you have to do something.

  --device ID        the id that the controller connects with
  --org NAME         the organisation in its topics (bench)
  --credentials FILE file with its secret and command key, so that you flash it once (conform-ID.json)
  --host ADDRESS     address of conform's own broker (0.0.0.0: the whole network)
  --port N           and its port (1883)
  --url URL          use a running broker instead: mqtt://[USER:PASSWORD@]HOST:PORT, with --credentials
  --only NAMES       only these groups or rules, separated by commas: ${groups()
    .map(({ name }) => name)
    .join(', ')}
  --no-power-cut     skip the rules for which you must pull the plug
  --no-fault         skip the rules for which you must cause a fault (flow while all valves are closed, or none while one is open)
  --wait S           seconds to wait for the controller (600)
  --json             print the result as JSON
  --help             this text

Exit code: 0 no rule failed, 1 a rule failed, 2 it could not start.
`

export interface Options {
  device: string
  org: string
  credentials: string
  host: string
  port: number
  url: string | null
  only: string[]
  hasPowerCut: boolean
  hasFault: boolean
  waitS: number
  isJson: boolean
}

/** The options, or 'help'. The error names the invalid option. */
export function readOptions(args: readonly string[]): Result<Options | 'help'> {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  let values
  try {
    values = parseArgs({
      args: [...args],
      options: {
        device: text,
        org: text,
        credentials: text,
        host: text,
        port: text,
        url: text,
        only: text,
        'no-power-cut': flag,
        'no-fault': flag,
        wait: text,
        json: flag,
        help: flag,
      },
    }).values
  } catch (error) {
    return err((error as Error).message.split('. ')[0]!)
  }
  if (values.help) return ok('help')
  const { device = '', org = 'bench', url } = values
  if (!isName(device)) return err(`--device: expected [A-Za-z0-9_-]{3,40}, got ${device || 'nothing'}`)
  if (!isName(org)) return err(`--org: expected [A-Za-z0-9_-]{3,40}, got ${org}`)
  if (url !== undefined && !/^mqtts?:\/\/./.test(url))
    return err(`--url: expected mqtt://HOST:PORT, got ${url}`)
  if (url !== undefined && values.credentials === undefined)
    return err('--url: expected --credentials with the command key of the controller, got nothing')
  const port = Number(values.port ?? 1883)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    return err(`--port: expected 0 to 65535, got ${values.port}`)
  const waitS = Number(values.wait ?? 600)
  if (!(waitS > 0)) return err(`--wait: expected seconds above 0, got ${values.wait}`)
  const only = (values.only ?? '').split(',').filter((name) => name !== '')
  const unknown = only.find((name) => !names().includes(name))
  if (unknown !== undefined) return err(`--only: no rule or group is called ${unknown}`)
  return ok({
    device,
    org,
    credentials: values.credentials ?? `conform-${device}.json`,
    host: values.host ?? '0.0.0.0',
    port,
    url: url ?? null,
    only,
    hasPowerCut: !values['no-power-cut'],
    hasFault: !values['no-fault'],
    waitS,
    isJson: values.json ?? false,
  })
}
