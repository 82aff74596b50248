/** What `npm run conform` may be asked. */
import { parseArgs } from 'node:util'
import { err, ok, type Result } from '../contract/result.ts'
import { isName } from '../contract/topics.ts'
import { groups, names } from './trials.ts'

export const usage = (): string => `usage: npm run conform -- --device ID [options]

Plays Tilth's server to a valve controller and says which rules of the protocol it keeps. It opens valves: shut the
water, or expect it. About 45 minutes; what it needs of you it asks for.

  --device ID        the id that the controller connects with
  --org NAME         the organisation in its topics (bench)
  --credentials FILE where its secret and command key are kept, so that it need not be flashed again (conform-ID.json)
  --host ADDRESS     where conform's own broker listens (0.0.0.0: the whole network)
  --port N           and its port (1883)
  --url URL          use a broker that runs instead: mqtt://[USER:PASSWORD@]HOST:PORT, with --credentials
  --only NAMES       some groups or rules, with commas: ${groups()
    .map(({ name }) => name)
    .join(', ')}
  --no-power-cut     leave out what needs somebody to pull the plug
  --no-fault         leave out what needs somebody to make a fault (flow while all is shut, or none while it is open)
  --wait S           seconds to wait for the controller (600)
  --json             print the result as JSON
  --help             this text

Exit: 0 no rule is broken, 1 one is, 2 it could not begin.
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

/** 'help' when a person asks for it. The reason of a refusal names the option. */
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
