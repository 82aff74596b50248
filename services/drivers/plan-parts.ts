/** The parts of a plan that drivers share. */
import type {
  Acknowledgement,
  ClosedProof,
  DriverPlan,
  Expected,
  HttpStep,
  Meaning,
  PublishStep,
  StateReport,
  WaitStep,
} from './driver-types.ts'
import type { Scalar } from './match.ts'

/** A close is repeated at this interval until it is proved. */
export const CLOSE_EVERY_MS = 5_000

/** Whole seconds of a duration. */
export const secondsOf = (durMs: number): number => Math.floor(durMs / 1000)
/** Whole minutes of a duration. */
export const minutesOf = (durMs: number): number => Math.floor(durMs / 60_000)

/** A message at QoS 1; never retained, or a broker would open the valve after a restart (Tasmota issues 628 and 2053). */
export const publish = (topic: string, payload: string): PublishStep => ({
  type: 'publish',
  topic,
  qos: 1,
  retain: false,
  payload,
  isOpening: false,
})
export const publishJson = (topic: string, payload: object): PublishStep =>
  publish(topic, JSON.stringify(payload))
export const httpGet = (url: string): HttpStep => ({ type: 'http', method: 'GET', url, isOpening: false })
/** The step that lets water flow. */
export const opening = <Step extends PublishStep | HttpStep>(step: Step): Step => ({
  ...step,
  isOpening: true,
})

/** A JSON message on a topic with these values at these paths. */
export const jsonMessage = (topic: string, fields: Record<string, Scalar>): Expected => ({
  from: { topic },
  match: { fields },
})
/** A message on a topic that is this text. */
export const textMessage = (topic: string, equals: string): Expected => ({
  from: { topic },
  match: { equals },
})
/** The JSON answer to an HTTP request. */
export const answered = (answerOf: string, fields: Record<string, Scalar>): Expected => ({
  from: { answerOf },
  match: { fields },
})

export const waitFor = (message: Expected, withinMs: number): WaitStep => ({
  type: 'wait',
  message,
  withinMs,
  isOptional: false,
})
export const means = (
  message: Expected,
  meaning: Meaning,
  withinMs: number | null = null,
): Acknowledgement => ({ message, means: meaning, withinMs })
export const says = (message: Expected, state: 'open' | 'closed', isByTimer = false): StateReport => ({
  message,
  says: state,
  isByTimer,
})
export const closedBy = (
  message: Expected,
  withinMs: number | null = null,
  isByTimer = false,
): ClosedProof => ({ message, withinMs, isByTimer })

/** A plan from its steps; what is left out is empty. */
export const plan = (
  steps: DriverPlan['steps'],
  rest: Partial<Omit<DriverPlan, 'steps'>> = {},
): DriverPlan => ({
  before: [],
  steps,
  runMs: 0,
  acknowledgements: [],
  boundProofs: [],
  closedProofs: [],
  repeatEveryMs: null,
  ...rest,
})
