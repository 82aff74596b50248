/**
 * Faults that a person injects: `--fault stuck:V1`, `--fault burst:V2@90s`, `--fault lies:controller-1`. Each is a fault
 * of the hydraulics or of the controller, to test how Tilth reacts.
 */
import { err, ok, type Result } from '../../broker/contract/result.ts'
import type { AtMs, Clock } from '../../broker/contract/time.ts'
import type { Controller } from './controller.ts'
import type { Device } from './device.ts'
import type { ValveFault } from '../field/hydraulics.ts'

const valveFaults: Record<string, ValveFault> = {
  stuck: 'stuck-open',
  'no-flow': 'no-flow',
  burst: 'burst',
  low: 'low',
  leak: 'leak',
  'meter-silent': 'meter-silent',
}
const deviceFaults = ['lies', 'flash'] as const

export const faultsUsage = `    --fault KIND:WHERE[@TIME]  switches a fault on, at once or after 90s, 5m or 2h; several times for several faults
                       of a valve (V1, or DEVICE/V1 where several controllers have one): stuck (flows though shut),
                       no-flow, low (a third of its rate), burst (twice its rate), leak (half a litre a minute),
                       meter-silent; of a controller (its id): lies (says that all is well), flash (cannot be written)
`

export interface FaultOrder {
  kind: ValveFault | (typeof deviceFaults)[number]
  device: string | null // null: the device that has the valve
  valve: string | null // null: of the whole device
  afterMs: number
}

const UNIT_MS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000 }
const FORM = /^([a-z-]+):(?:([A-Za-z0-9_-]+)\/)?([A-Za-z0-9_-]+)(?:@(\d+(?:\.\d+)?)([smh]))?$/

/** The error names the expected and the received text. */
export function parseFault(text: string): Result<FaultOrder> {
  const match = FORM.exec(text)
  if (!match) return err(`--fault: expected KIND:WHERE[@TIME], such as stuck:V1@90s, got ${text}`)
  const [, name, device, target, time, unit] = match as unknown as [
    string,
    string,
    string?,
    string?,
    ...string[],
  ]
  const afterMs = time === undefined ? 0 : Number(time) * UNIT_MS[unit!]!
  const kind = valveFaults[name]
  if (kind !== undefined) return ok({ kind, device: device ?? null, valve: target!, afterMs })
  const deviceFault = deviceFaults.find((item) => item === name)
  if (deviceFault !== undefined && device === undefined)
    return ok({ kind: deviceFault, device: target!, valve: null, afterMs })
  const knownFaults = [...Object.keys(valveFaults), ...deviceFaults].join(', ')
  return err(`--fault: expected one of ${knownFaults}, got ${text}`)
}

/** Error if no device has the named valve; otherwise each fault occurs at its time. */
export function switchOnFaults(
  orders: readonly FaultOrder[],
  devices: readonly Device[],
  { clock, note }: { clock: Clock; note(text: string): void },
): Result<null> {
  const scheduled: { atMs: AtMs; order: FaultOrder; controller: Controller }[] = []
  for (const order of orders) {
    const isTarget = (device: Device): device is Controller =>
      device.kind === 'controller' &&
      (order.device === null || order.device === device.id) &&
      (order.valve === null || (device as Controller).valves.includes(order.valve))
    const controller = devices.find(isTarget)
    const targetText = [order.device, order.valve].filter((part) => part !== null).join('/')
    if (!controller) return err(`--fault: no controller here has ${targetText}`)
    scheduled.push({ atMs: clock.now() + order.afterMs, order, controller })
  }
  for (const { atMs, order, controller } of scheduled)
    clock.at(atMs, () => {
      switchOn(order, controller)
      note(`fault: ${order.kind} of ${controller.id}${order.valve === null ? '' : ` ${order.valve}`}`)
    })
  return ok(null)
}

function switchOn({ kind, valve }: FaultOrder, controller: Controller): void {
  if (kind === 'lies') controller.setMeterFaked(true)
  else if (kind === 'flash') controller.setFlashFault(true)
  else controller.setValveFault(valve!, kind)
}
