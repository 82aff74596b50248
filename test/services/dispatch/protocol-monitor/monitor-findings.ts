/** The findings of the monitors on the model's traces. */
import * as life from '../../../../broker/contract/command-lifecycle/reduce.ts'
import * as lifeTime from '../../../../broker/contract/command-lifecycle/timers.ts'
import * as mac from '../../../../broker/contract/mac.ts'
import * as device from '../../../../broker/contract/valve-device/device.ts'
import { runModel, type Action, type Protocol } from '../protocol/protocol-model.ts'
import { watchTrace } from '../protocol/protocol-watch.ts'

/** The rules that the monitors report as broken, except for faults from outside. */
export function found(protocol: Protocol, actions: Action[], doses: number[], isAlone = false): string[] {
  const watch = watchTrace(isAlone)
  runModel(protocol, actions, doses, watch)
  const has = (what: Action['do']) => actions.some((action) => action.do === what)
  const isDone = (rule: string, state: unknown) =>
    (rule === 'I14' && has('clock')) ||
    // a retained order was handed over by the network
    rule === 'I12' ||
    // the network holds the close that would settle it
    (rule === 'I9' && state === 'fencing' && has('hold'))
  return watch
    .found()
    .filter(({ rule, detail }) => !isDone(rule, detail['state']))
    .map(({ rule, detail }) => `${rule} ${JSON.stringify(detail)}`)
}

export const whole = { life, lifeTime, mac, device }
