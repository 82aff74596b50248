/** Failures on the farm when the dashboard is opened: a dead gateway, a draining battery. */
import { DAY_MS, type AtMs } from '../../broker/contract/time.ts'
import type { Device } from '../devices/device.ts'

/** the devices of Ito by the river share one gateway: three silent devices are an outage */
const BEHIND_GATEWAY = ['ctl-ito', 'soil-river-bend', 'soil-west-9']
const GATEWAY_DEAD_MS = DAY_MS
/** water has got into the housing of a probe */
const WET_PROBE = 'soil-shrine-east'
const WET_SINCE_MS = 20 * DAY_MS
const WET_DRAIN_V_PER_DAY = 0.024

/** Call the result at each midnight; each failure occurs at the last midnight before its time. `endMs`: when the dashboard is opened. */
export function scheduledFailures(devices: readonly Device[], endMs: AtMs): (atMs: AtMs) => void {
  let pending = [
    {
      atMs: endMs - WET_SINCE_MS,
      ids: [WET_PROBE],
      happen: (device: Device) => device.setDrain(WET_DRAIN_V_PER_DAY),
    },
    {
      atMs: endMs - GATEWAY_DEAD_MS,
      ids: BEHIND_GATEWAY,
      happen: (device: Device) => device.cutNetwork(),
    },
  ]
  return (nowMs) => {
    for (const { ids, happen } of pending.filter(({ atMs }) => atMs < nowMs + DAY_MS))
      devices.filter(({ id }) => ids.includes(id)).forEach(happen)
    pending = pending.filter(({ atMs }) => atMs >= nowMs + DAY_MS)
  }
}
