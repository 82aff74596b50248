/** Actual valve openings, observed at the devices and not through the server. */
import type { AtMs, Clock } from '../../../broker/contract/time.ts'
import type { Controller } from '../../../firmware-sim/devices/controller.ts'
import type { Zone } from './valve-place.ts'

export interface Opening {
  zone: string
  openedMs: AtMs
  closedMs: AtMs | null // null: open now
}

export interface ValveWatch {
  openings(): Opening[]
  isOpen(zone: string): boolean
  openCount(): number
  /** litres that passed, by zone */
  passedLitres(zone: string): number
  stop(): void
}

// of real time
const LOOK_EVERY_MS = 10

export function watchValves(
  controllers: readonly Controller[],
  zones: readonly Zone[],
  clock: Clock,
): ValveWatch {
  const openings: Opening[] = []
  const controllerOf = (zone: Zone) => controllers.find(({ id }) => id === zone.device)!
  const zoneOf = (id: string) => zones.find((zone) => zone.id === id)!
  const isOpen = (id: string) => controllerOf(zoneOf(id)).isOpen(zoneOf(id).valve)

  function sample(): void {
    const nowMs = clock.now()
    for (const { id } of zones) {
      const last = openings.findLast(({ zone }) => zone === id)
      const wasOpen = last !== undefined && last.closedMs === null
      if (isOpen(id) && !wasOpen) openings.push({ zone: id, openedMs: nowMs, closedMs: null })
      else if (!isOpen(id) && wasOpen) last.closedMs = nowMs
    }
  }
  const timer = setInterval(sample, LOOK_EVERY_MS)

  return {
    openings() {
      sample()
      return openings.map((opening) => ({ ...opening }))
    },
    isOpen,
    openCount: () => zones.filter(({ id }) => isOpen(id)).length,
    passedLitres: (id) => controllerOf(zoneOf(id)).passedLitres(zoneOf(id).valve),
    stop: () => clearInterval(timer),
  }
}
