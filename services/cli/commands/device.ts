/** `tilth device`: adds, lists, rotates and revokes devices of a running Tilth. */
import { parseArgs } from 'node:util'
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { sendAdminRequest } from '../../api/admin-socket/socket.ts'
import type { DeviceView } from '../../api/devices/device-schemas.ts'
import { columns } from './columns.ts'
import type { Command, CommandDeps } from './command.ts'

export const deviceUsage = `  device add KIND --name NAME     adds a device and prints its one-time claim code
      KIND                        probe, station, trap, gauge or controller
      --farm NAME --field NAME    its location (--farm is optional if there is only one)
      --valve V1=ZONE             controllers: the zone of a valve; repeat for each valve
      --id ID --every SECONDS     its id in topics (default: generated), its message interval (default 1200)
      --wind-height METRES        stations: height of the anemometer
      --org ORG                   the organisation, if several have a farm of that name
  device list [--org ORG]         lists every device and its state
  device code ID                  prints a new claim code: for new hardware, or after a failed claim
  device rotate ID                prints a new secret once; the previous one stays valid until the next rotation
  device revoke ID                revokes it permanently and disconnects it at once
`

export const deviceCommand: Command = async (args, deps) => {
  const parsed = readArgs(args)
  if (!parsed.ok) return parsed
  const { words, options } = parsed.value
  const [kind, ...names] = words
  switch (kind) {
    case 'add':
      return names.length === 1 ? add(names[0]!, options, deps) : err('device add: expected one KIND')
    case 'list':
      return names.length === 0 ? list(options.org, deps) : err('device list: expected no more arguments')
    case 'code':
    case 'rotate':
    case 'revoke':
      return names.length === 1 ? oneDevice(kind, names[0]!, deps) : err(`device ${kind}: expected one ID`)
    default:
      return err(`device: expected add, list, code, rotate or revoke, got ${kind ?? 'nothing'}`)
  }
}

interface Options {
  name?: string
  farm?: string
  field?: string
  valve?: string[]
  id?: string
  every?: string
  'wind-height'?: string
  org?: string
}

function readArgs(args: string[]): Result<{ words: string[]; options: Options }> {
  const text = { type: 'string' } as const
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        name: text,
        farm: text,
        field: text,
        id: text,
        every: text,
        org: text,
        'wind-height': text,
        valve: { type: 'string', multiple: true },
      },
    })
    return ok({ words: positionals, options: values })
  } catch (error) {
    return err((error as Error).message.split('. ')[0]!)
  }
}

interface ClaimCode {
  id: string
  org: string
  code: string
  expiresMs: number
  httpPort: number
}

async function add(kind: string, options: Options, deps: CommandDeps): Promise<Result<null>> {
  const { name, valve = [], every, 'wind-height': windHeight, ...place } = options
  if (name === undefined) return err('--name: expected a display name, got nothing')
  const everyS = parseWholeNumber('--every', every)
  if (!everyS.ok) return everyS
  const windHeightM = windHeight === undefined ? undefined : Number(windHeight)
  if (windHeightM !== undefined && !(windHeightM > 0))
    return err(`--wind-height: expected metres, got ${windHeight}`)
  const valves: Record<string, string> = {}
  for (const pair of valve) {
    const [, id, zone] = /^([^=]+)=(.+)$/.exec(pair) ?? []
    if (id === undefined || zone === undefined) return err(`--valve: expected V1=ZONE, got ${pair}`)
    if (id in valves) return err(`--valve: ${id} is given twice`)
    valves[id] = zone
  }
  if (valve.length > 0 && kind !== 'controller')
    return err(`--valve: only a controller has valves, not a ${kind}`)
  const form = {
    kind,
    name,
    ...place,
    ...(everyS.value === null ? {} : { everyS: everyS.value }),
    ...(windHeightM === undefined ? {} : { windHeightM }),
    ...(valve.length === 0 ? {} : { valves }),
  }
  const code = (await sendAdminRequest(deps.settings.dataDir, { command: 'device add', form })) as ClaimCode
  deps.print(`${name} was added as ${code.id} in the organisation ${code.org}.`)
  printClaimCode(code, deps)
  return ok(null)
}

function printClaimCode({ code, expiresMs, httpPort }: ClaimCode, { print, settings }: CommandDeps): void {
  const host = settings.publicUrl ?? `http://THIS-MACHINE:${httpPort}`
  print('')
  print(`  claim code    ${code}`)
  print(`  one-time, valid until ${new Date(expiresMs).toLocaleString()}; it is not shown again`)
  print('')
  print(`The device sends it to ${host}/api/claim (docs/device-guide.md, "Claiming a device").`)
  if (settings.bus.kind === 'external')
    print('Devices connect to the broker of BUS: register the new secret there as well.')
  print(`A simulated device: npm run sim -- --claim ${code} --at http://localhost:${httpPort}`)
}

async function oneDevice(
  action: 'code' | 'rotate' | 'revoke',
  id: string,
  deps: CommandDeps,
): Promise<Result<null>> {
  const { print, settings } = deps
  const response = await sendAdminRequest(settings.dataDir, { command: `device ${action}`, form: { id } })
  if (action === 'code') {
    print(`${id} may claim new credentials. Its current ones stay valid until then.`)
    printClaimCode(response as ClaimCode, deps)
  } else if (action === 'rotate') {
    print(
      `${id} has a new secret. The previous one stays valid until the next rotation, so there is time to change it.`,
    )
    print('')
    print(`  secret    ${(response as { secret: string }).secret}`)
    print('  it is not shown again')
  } else print(`${id} is revoked: its connection is closed and its secrets are invalid.`)
  return ok(null)
}

async function list(org: string | undefined, { print, settings }: CommandDeps): Promise<Result<null>> {
  const form = org === undefined ? {} : { org }
  const { nowMs, devices } = (await sendAdminRequest(settings.dataDir, { command: 'device list', form })) as {
    nowMs: number
    devices: (DeviceView & { org: string })[]
  }
  if (devices.length === 0) print('there is no device yet: add one with tilth device add')
  else
    for (const line of columns([
      ['ID', 'KIND', 'NAME', 'FIELD', 'ORGANISATION', 'STATE'],
      ...devices.map((device) => [
        ...[
          device.id,
          device.kind,
          device.name,
          device.fieldName ?? '-',
          device.org,
          deviceState(device, nowMs),
        ],
      ]),
    ]))
      print(line)
  return ok(null)
}

function deviceState({ revoked, claimableUntilMs, lastSeenMs }: DeviceView, nowMs: number): string {
  if (revoked) return 'revoked'
  const lastSeen = lastSeenMs === null ? 'never seen' : `seen ${ago(nowMs - lastSeenMs)} ago`
  if (claimableUntilMs === null) return lastSeen
  return `${lastSeen}; its claim code is valid until ${new Date(claimableUntilMs).toLocaleString()}`
}

function ago(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 120) return `${minutes} min`
  return minutes < 2_880 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1_440)} days`
}

function parseWholeNumber(flag: string, text: string | undefined): Result<number | null> {
  if (text === undefined) return ok(null)
  return /^[1-9]\d{0,6}$/.test(text)
    ? ok(Number(text))
    : err(`${flag}: expected a whole number from 1, got ${text}`)
}
