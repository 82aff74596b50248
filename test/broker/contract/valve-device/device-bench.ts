/** A controller on the bench: its flash survives a power cut, its outputs and words are recorded. */
import type { Ack, Heartbeat, State } from '../../../../broker/contract/messages.ts'
import { macOf, withMac } from '../../../../broker/contract/mac.ts'
import { nextTickMonoMs, startDevice, stepDevice } from '../../../../broker/contract/valve-device/device.ts'
import type {
  DeviceEvent,
  DeviceIo,
  DeviceProfile,
  Flash,
  ValveDevice,
} from '../../../../broker/contract/valve-device/types.ts'

export const keyHex = '0f'.repeat(32)

export const profile: DeviceProfile = {
  valves: [
    { id: 'V1', ratedLpm: 60 },
    { id: 'V2', ratedLpm: 60 },
  ],
  master: 'M',
  commandKeyHex: keyHex,
  capMs: 7_200_000,
  kind: 'leased',
  litresPerPulse: 1,
  fw: 'bench',
}

type Untimed<T> = T extends unknown ? Omit<T, 'monoMs'> : never

export function bench(changes: Partial<DeviceProfile> = {}) {
  const built = { ...profile, ...changes }
  let flash: Flash | null = null
  let monoMs = 0
  const log: string[] = []
  const outputs = new Map<string, boolean>()
  let acks: Ack[] = []
  let states: State[] = []
  let heartbeats: Heartbeat[] = []
  let isFlashBroken = false
  const io: DeviceIo = {
    drive(valve, open) {
      outputs.set(valve, open)
      log.push(`${open ? 'open' : 'shut'} ${valve}`)
    },
    writeFlash(next) {
      if (isFlashBroken) throw new Error('flash is worn out')
      flash = structuredClone(next)
      log.push('flash')
    },
    publish(effect) {
      if (effect.kind === 'ack') acks.push(effect.message)
      else if (effect.kind === 'state') states.push(effect.message)
      else heartbeats.push(effect.message)
    },
  }
  let device: ValveDevice = startDevice(built, flash, io)
  const step = (event: Untimed<DeviceEvent>) => {
    device = stepDevice(device, { ...event, monoMs } as DeviceEvent, io)
  }
  const command = (fields: Record<string, unknown>, retained = false) =>
    step({
      type: 'command',
      command: { ...fields, mac: fields['mac'] ?? macOf(keyHex, fields as never) } as never,
      retained,
    })

  return {
    step,
    command,
    /** An opening as the server would send it now. */
    open(changes: Record<string, unknown> = {}, retained = false) {
      command(
        {
          op: 'open',
          id: 'a-command-id',
          valve: 'V1',
          seq: 42,
          durMs: 600_000,
          sess: device.sess ?? 'none',
          n: device.heartbeats.at(-1)?.n ?? 0,
          expMonoMs: monoMs + 60_000,
          ...changes,
        },
        retained,
      )
    },
    close(changes: Record<string, unknown> = {}) {
      command({ op: 'close', valve: 'V1', seq: 43, of: 42, sess: device.sess ?? 'none', ...changes })
    },
    lease: (n = device.n, sess = device.sess ?? 'none') =>
      step({ type: 'lease', lease: withMac(keyHex, { sess, n }) }),
    connect: (nonce = 'aa') => step({ type: 'connected', nonce }),
    /** Time passes, the device looks when it must; the server renews the lease unless it is away. */
    pass(ms: number, options: { leased?: boolean; lpm?: number } = {}) {
      const untilMs = monoMs + ms
      while (monoMs < untilMs) {
        const nextMs = Math.min(untilMs, Math.max(nextTickMonoMs(device), monoMs + 1), monoMs + 1_000)
        const litres = ((options.lpm ?? 0) * (nextMs - monoMs)) / 60_000
        monoMs = nextMs
        const heard = heartbeats.length
        if (litres > 0) step({ type: 'meter', litres })
        step({ type: 'tick' })
        if (options.leased && heartbeats.length > heard) this.lease()
      }
    },
    /** Time passes while nobody looks, as on a device that is busy. */
    wait: (ms: number) => void (monoMs += ms),
    powerCut() {
      monoMs = 0
      outputs.clear()
      log.push('power cut')
      device = startDevice(built, flash, io)
    },
    breakFlash: () => void (isFlashBroken = true),
    isOpen: (valve = 'V1') => outputs.get(valve) === true,
    ack: () => acks.at(-1),
    state: () => states.at(-1),
    heartbeat: () => heartbeats.at(-1),
    acks: () => acks,
    flash: () => flash,
    log: () => log,
    device: () => device,
    forgetWords() {
      acks = []
      states = []
      heartbeats = []
      log.length = 0
    },
  }
}
