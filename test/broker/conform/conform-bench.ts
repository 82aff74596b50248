/** A simulated controller on conform's own broker, on a clock that only the test moves. */
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { virtualClock } from '../../../broker/contract/virtual-clock.ts'
import { SECOND_MS } from '../../../broker/contract/time.ts'
import type { PersonAction } from '../../../broker/conform/bench.ts'
import type { RuleResult } from '../../../broker/conform/results.ts'
import { startOwnBroker } from '../../../broker/conform/own-broker.ts'
import { runConform, type Outcome } from '../../../broker/conform/run.ts'
import type { ControllerOptions } from '../../../firmware-sim/devices/controller.ts'
import { midnight, soybeanOnLoam, worldFrom } from '../../firmware-sim/places.ts'

export const root = join(import.meta.dirname, '../../..')
const key = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'
const ORG = 'bench'
const DEVICE = 'ctl-1'
// loopback hands over at once: what has not come in so many turns will not come
const STILL_TURNS = 50
const start = midnight('2026-07-06')

export type Simulator = Pick<typeof import('../../../firmware-sim/devices/controller.ts'), 'startController'>

export interface Trying {
  controller?: Partial<ControllerOptions>
  /** of the controller's wall clock; null: it has none */
  clockErrorMs?: number | null
  only?: string[]
  tell?(entry: RuleResult): void
}

/** One run from first to last. Whatever a person is asked to do, the simulator has done to it. */
export async function conformOf({ startController }: Simulator, own: Trying = {}): Promise<Outcome> {
  const clock = virtualClock(start)
  const wire = await startOwnBroker({
    host: '127.0.0.1',
    port: 0,
    org: ORG,
    device: DEVICE,
    secret: 'a secret',
    note() {},
  })
  const world = worldFrom('2026-07-06', [soybeanOnLoam, { ...soybeanOnLoam, id: 'south-1', areaM2: 500 }])
  let isOver = false
  // listens before the controller connects
  const run = runConform({
    wire,
    clock,
    org: ORG,
    device: DEVICE,
    keyHex: key,
    only: own.only ?? [],
    actions: { 'power-cut': true, fault: true },
    waitMs: 60 * SECOND_MS,
    requestAction: (deed) => deeds[deed](),
    onResult: own.tell ?? (() => {}),
  }).finally(() => (isOver = true))
  const controller = await startController({
    credentials: { org: ORG, id: DEVICE, secret: 'a secret', commandKey: key },
    url: wire.addresses[0]!,
    clock,
    world,
    seed: 'conform',
    valves: [
      { id: 'V1', field: 'north-3', ratedLpm: 100 },
      { id: 'V2', field: 'south-1', ratedLpm: 60 },
    ],
    ...own.controller,
  })
  if (own.clockErrorMs !== undefined) controller.setClockError(own.clockErrorMs)
  // what went into a line that was cut is not waited for
  let lost = { sent: 0, delivered: 0 }
  /** Time does not move until each side has received every message of the other. */
  const settle = async () => {
    let still = 0
    let before = ''
    for (let calm = 0; calm < 4 && still < STILL_TURNS;) {
      await turn()
      const isIdle = await Promise.race([controller.settled().then(() => true), turn(false)])
      const { received, delivered } = wire.own!.messageCounts()
      const behind = { sent: controller.sent() - received, delivered: delivered - controller.received() }
      calm = isIdle && behind.sent === lost.sent && behind.delivered === lost.delivered ? calm + 1 : 0
      const now = JSON.stringify([received, delivered, behind])
      still = now === before ? still + 1 : 0
      before = now
      if (still >= STILL_TURNS) lost = behind
    }
  }
  clock.onSettle(settle)

  const deeds: Record<PersonAction, () => Promise<void>> = {
    async 'power-cut'() {
      clock.at(clock.now() + 5 * SECOND_MS, () => controller.cutPower())
      clock.at(clock.now() + 15 * SECOND_MS, () => controller.restorePower())
    },
    async fault() {
      controller.setValveFault('V1', 'no-flow')
      clock.at(clock.now() + 150 * SECOND_MS, () => controller.setValveFault('V1', null))
    },
  }
  try {
    while (!isOver) {
      await settle()
      const next = clock.nextAt()
      if (!isOver && next !== null) await clock.advanceTo(next)
    }
    return await run
  } finally {
    await controller.stop()
    await wire.close()
  }
}
