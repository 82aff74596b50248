/** An insect trap with a camera: once a day it counts the insects since its last picture. */
import { DAY_MS, SECOND_MS } from '../../broker/contract/time.ts'
import type { World } from '../world.ts'
import { startDevice, type Device, type DeviceOptions } from './device.ts'
import type { InsectName } from '../field/insects.ts'

export interface TrapOptions extends DeviceOptions {
  world: World
  field: string
  species: InsectName
}

/**
 * Counts from its first boot on. The total is in the flash, so insects of a power cut are counted with the next
 * picture.
 */
export function startTrap(options: TrapOptions): Promise<Device> {
  const { field, species, world } = options
  return startDevice(options, {
    kind: 'trap',
    sampleS: DAY_MS / SECOND_MS,
    subscriptions: ['config'],
    onBoot({ clock, flash }) {
      // a trap that is installed today has not caught earlier insects
      flash.counters.seen ??= world.caughtUntil(field, species, clock.now())
    },
    sample({ clock, flash, sensors }) {
      const caught = world.caughtUntil(field, species, clock.now())
      const count = Math.max(0, caught - (flash.counters.seen ?? caught))
      flash.counters.seen = caught
      return [{ tilth: { trap: { species, count: sensors.read('trap.count', count) } } }]
    },
  })
}
