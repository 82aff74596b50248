/** The state of a controller of another make, the events that change it, and what they cause. */
import type { Command, Config } from '../../broker/contract/messages.ts'
import type { DeviceEffect, ValveDevice } from '../../broker/contract/valve-device/types.ts'
import type { DriverEvent, DriverReport, DriverSetup, ForeignValve } from '../drivers/driver-state.ts'
import type { SendStep } from '../drivers/driver-types.ts'

/** A valve with what the farm knows of it. */
export interface ForeignOutput {
  setup: DriverSetup
  valve: ForeignValve
  /** when its driver needs the time; Infinity: never */
  wakeMonoMs: number
}

export interface ForeignController {
  device: ValveDevice
  outputs: Record<string, ForeignOutput>
  /** a state was held back: it is published once every valve is clear */
  isStateHeld: boolean
}

/** Who wants an opening, as its command does not name them. */
export interface OpenOrigin {
  isByHand: boolean
  /** the expiry as a time of day */
  notAfterMs: number
}

/** An event whose time is that of the event around it. */
export type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'monoMs'> : never
export type ControllerEvent = { monoMs: number } & (
  | { type: 'command'; command: Command; retained: boolean; origin: OpenOrigin }
  | { type: 'config'; config: Config }
  | { type: 'tick' }
  | { type: 'link'; isUp: boolean; nonce: string }
  /** the process has started: the controller has booted */
  | { type: 'restarted'; effects: DeviceEffect[] }
  /** litres of a valve since the last such event */
  | { type: 'meter'; valve: string; litres: number }
  /** the test run of a minute, by a person at the valve */
  | { type: 'test'; valve: string; commandId: string; notAfterMs: number }
  /** for the drivers of all valves, or of the one that is named */
  | { type: 'driver'; valve?: string; event: WithoutTime<DriverEvent> }
)

export type ControllerEffect =
  | { type: 'send'; valve: string; step: SendStep }
  | { type: 'report'; valve: string; report: DriverReport }
  /** a run number that no command has: the caller notes it in the transaction that stores the controller */
  | { type: 'use-number'; valve: string; seq: number }
  | Publication

/** A message of the controller to the bus. */
export type Publication = Extract<DeviceEffect, { type: 'publish' }>

export interface ControllerStep {
  controller: ForeignController
  effects: ControllerEffect[]
}

/** A copy of the controller that one event may change, with its effects. */
export interface ControllerDraft {
  monoMs: number
  device: ValveDevice
  outputs: Record<string, ForeignOutput>
  effects: ControllerEffect[]
  /** what the machine of the controller wants to publish */
  published: Publication[]
}
