/** `tilth gateway`: adds, lists, rotates and revokes the credentials of gateways of a running Tilth. */
import { parseArgs } from 'node:util'
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { sendAdminRequest } from '../../api/admin-socket/socket.ts'
import { kindsWithoutUrl } from '../../api/integrations/integration-urls.ts'
import { columns } from './columns.ts'
import type { Command, CommandDeps } from './command.ts'

export const gatewayUsage = `  gateway add KIND --name NAME    adds a gateway for devices of other makes and prints its user name and secret
      KIND                        ${kindsWithoutUrl.slice(0, 6).join(', ')},
                                  ${kindsWithoutUrl.slice(6).join(', ')}
      --farm NAME --org ORG       its farm, its organisation if there are several
  gateway list [--org ORG]        lists every gateway, and whether a client of it is connected
  gateway rotate ID               prints a new secret once; the previous one stays valid until the next rotation
  gateway revoke ID               revokes it permanently and disconnects it at once
`

interface Options {
  name?: string
  farm?: string
  org?: string
}

export const gatewayCommand: Command = async (args, deps) => {
  const parsed = readArgs(args)
  if (!parsed.ok) return parsed
  const { words, options } = parsed.value
  const [action, ...names] = words
  switch (action) {
    case 'add':
      return names.length === 1 ? add(names[0]!, options, deps) : err('gateway add: expected one KIND')
    case 'list':
      return names.length === 0 ? list(options.org, deps) : err('gateway list: expected no more arguments')
    case 'rotate':
    case 'revoke':
      return names.length === 1 ? change(action, names[0]!, deps) : err(`gateway ${action}: expected one ID`)
    default:
      return err(`gateway: expected add, list, rotate or revoke, got ${action ?? 'nothing'}`)
  }
}

function readArgs(args: string[]): Result<{ words: string[]; options: Options }> {
  const text = { type: 'string' } as const
  try {
    const options = { name: text, farm: text, org: text }
    const { values, positionals } = parseArgs({ args, allowPositionals: true, options })
    return ok({ words: positionals, options: values })
  } catch (error) {
    return err((error as Error).message.split('. ')[0]!)
  }
}

interface Credentials {
  id: string
  org: string
  secret: string
}

async function add(kind: string, options: Options, deps: CommandDeps): Promise<Result<null>> {
  if (options.name === undefined) return err('--name: expected a display name, got nothing')
  const form = { kind, ...options }
  const { id, org, secret } = (await send(deps, 'add', form)) as Credentials
  deps.print(`${options.name} was added in the organisation ${org}.`)
  printSecret(id, secret, deps)
  if (deps.settings.bus.kind === 'external')
    deps.print('Devices connect to the broker of BUS: a gateway needs the built-in broker.')
  return ok(null)
}

async function change(action: 'rotate' | 'revoke', id: string, deps: CommandDeps): Promise<Result<null>> {
  const response = await send(deps, action, { id })
  if (action === 'revoke')
    deps.print(`${id} is revoked: its connections are closed and its secrets are invalid.`)
  else {
    deps.print(`${id} has a new secret. The previous one stays valid until the next rotation.`)
    printSecret(id, (response as Credentials).secret, deps)
  }
  return ok(null)
}

function printSecret(id: string, secret: string, { print }: CommandDeps): void {
  print('')
  print(`  user name   ${id}`)
  print(`  password    ${secret}`)
  print('  it is not shown again')
}

async function list(org: string | undefined, deps: CommandDeps): Promise<Result<null>> {
  const { gateways } = (await send(deps, 'list', org === undefined ? {} : { org })) as {
    gateways: (Record<'id' | 'org' | 'name' | 'kind' | 'state', string> & {
      revokedAtMs: number | null
      isConnected: boolean
    })[]
  }
  if (gateways.length === 0) deps.print('there is no gateway yet: add one with tilth gateway add')
  else
    for (const line of columns([
      ['ID', 'KIND', 'NAME', 'ORGANISATION', 'STATE'],
      ...gateways.map((gateway) => [gateway.id, gateway.kind, gateway.name, gateway.org, stateOf(gateway)]),
    ]))
      deps.print(line)
  return ok(null)
}

function stateOf({
  revokedAtMs,
  state,
  isConnected,
}: {
  revokedAtMs: number | null
  state: string
  isConnected: boolean
}): string {
  if (revokedAtMs !== null) return 'revoked'
  if (state === 'off') return 'off'
  return isConnected ? 'connected' : 'not connected'
}

const send = ({ settings }: CommandDeps, action: string, form: object) =>
  sendAdminRequest(settings.dataDir, { command: `gateway ${action}`, form })
