/**
 * A foreign valve on a bench: events go in, what is sent and reported comes out. It performs the effects as the caller
 * of the reducer must: the valve is stored first, and a crash loses what was not performed.
 */
import * as reducer from '../../../services/drivers/driver-reducer.ts'
import * as registry from '../../../services/drivers/drivers.ts'
import type { ValveAddress } from '../../../services/drivers/driver-types.ts'
import {
  newForeignValve,
  type DriverEffect,
  type DriverEvent,
  type DriverReport,
  type DriverSetup,
  type ForeignValve,
  type OpenWanted,
} from '../../../services/drivers/driver-state.ts'

/** The modules under test; the gate passes damaged copies. */
export interface Drivers {
  reduceDriver: typeof reducer.reduceDriver
  driverOf: typeof registry.driverOf
}
export const ours: Drivers = { ...reducer, ...registry }

export const MINUTE_MS = 60_000
const COMMAND_ID = '3f0c1a52-6f0e-4d59-9f44-1c2f7a9b0e01'

type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'monoMs'> : never
export type BenchEvent = WithoutTime<DriverEvent>

export class ValveBench {
  readonly setup: DriverSetup
  valve: ForeignValve = newForeignValve
  monoMs = 1_000
  /** what left, as `topic payload` or the URL; an opening step begins with `OPEN` */
  sent: string[] = []
  reports: DriverReport[] = []
  private readonly drivers: Drivers

  constructor(name: string, address: ValveAddress, more: Partial<DriverSetup> = {}, drivers: Drivers = ours) {
    this.drivers = drivers
    this.setup = {
      driver: drivers.driverOf(name)!,
      address,
      hasMeter: false,
      hasSecondValve: false,
      isSetUp: true,
      testedProof: 'P2',
      wakeMs: null,
      ...more,
    }
  }

  /** Applies an event; `loses`: the process ends after it has stored the valve, before it performs anything. */
  on(event: BenchEvent, loses = false): this {
    const { valve, effects } = this.drivers.reduceDriver(this.setup, this.valve, {
      ...event,
      monoMs: this.monoMs,
    } as DriverEvent)
    // what is stored is read back from text
    this.valve = JSON.parse(JSON.stringify(valve)) as ForeignValve
    if (!loses) for (const effect of effects) this.perform(effect)
    return this
  }

  private perform(effect: DriverEffect): void {
    if (effect.type === 'report') this.reports.push(effect.report)
    if (effect.type !== 'send') return
    const { step } = effect
    const text = step.type === 'http' ? step.url : `${step.topic} ${step.payload}`
    this.sent.push(step.isOpening ? `OPEN ${text}` : text)
  }

  /** Time passes; the valve receives it whenever it asked for it. */
  pass(ms: number): this {
    const endMonoMs = this.monoMs + ms
    for (let wakes = 0; this.monoMs < endMonoMs; wakes++) {
      if (wakes > 1_000 + ms / 1_000) throw new Error('it wakes without end')
      const { effects } = this.drivers.reduceDriver(this.setup, this.valve, {
        type: 'time-passed',
        monoMs: this.monoMs,
      })
      const wake = effects.find((effect) => effect.type === 'wake')
      this.monoMs = Math.min(endMonoMs, wake?.atMonoMs ?? endMonoMs)
      this.on({ type: 'time-passed' })
    }
    return this
  }

  up = (): this => this.on({ type: 'link', isUp: true })
  down = (): this => this.on({ type: 'link', isUp: false })

  open(minutes: number, more: Partial<OpenWanted> = {}, loses = false): this {
    return this.on({ ...this.wish(minutes), ...more }, loses)
  }

  wish(minutes: number): OpenWanted {
    return {
      type: 'open-wanted',
      seq: this.valve.lastSeq + 1,
      commandId: COMMAND_ID,
      durMs: minutes * MINUTE_MS,
      litres: null,
      expMonoMs: this.monoMs + 15 * MINUTE_MS,
      notAfterMs: Date.UTC(2026, 6, 6, 5, 35),
      isByHand: false,
      isTest: false,
    }
  }

  close = (why: 'command' | 'timer' | 'boot' = 'command'): this => this.on({ type: 'close-wanted', why })

  receive(topic: string, payload: string | object, isRetained = false): this {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
    return this.on({ type: 'received', topic, payload: text, isRetained })
  }

  answer(url: string, body: object | null): this {
    return this.on({ type: 'answered', url, body: body && JSON.stringify(body) })
  }

  /** The process ends and starts again: its clock begins again. */
  restart(): this {
    this.monoMs = 500
    return this.on({ type: 'restarted' })
  }

  /** The opening messages that left. */
  get opens(): string[] {
    return this.sent.filter((text) => text.startsWith('OPEN '))
  }

  /** What was sent since the last call. */
  take(): string[] {
    const sent = this.sent
    this.sent = []
    return sent
  }

  /** The reports of one kind. */
  reported<Is extends DriverReport['is']>(is: Is): Extract<DriverReport, { is: Is }>[] {
    return this.reports.filter((report): report is Extract<DriverReport, { is: Is }> => report.is === is)
  }
}
