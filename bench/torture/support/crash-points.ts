/**
 * Points at which a server kills itself as by kill -9: between a commit and its consequences, which an external kill
 * would rarely hit. Patched into the packages that it writes and sends with.
 */
import type { InsertQueryBuilder } from 'kysely'
import { MqttClient } from 'mqtt'

/** The step that is interrupted, or has just happened. */
export const crashPoints = {
  'opening half written': 'a command is inserted, its transaction not committed',
  'opening written': 'a command is committed, not sent',
  'opening sent': 'a command is with the broker, not acknowledged',
  'running heard': 'the device has reported open, not processed',
  'end heard': 'the device has reported the end of the run, not processed',
  'end half written': 'the end of a run is written, its transaction not committed',
  'end written': 'the end of a run is committed, the journal entry not acknowledged to the device',
  'close written': 'a close is committed, not sent',
} as const
export type CrashPoint = keyof typeof crashPoints

type Insert = InsertQueryBuilder<Record<string, object>, string, unknown>

/**
 * `pointText`: a point and its occurrence: `opening sent 3`. `inserts`: the prototype of the queries with which
 * the server inserts, which is in its build.
 */
export function armCrash(pointText: string, inserts: Insert): void {
  const [, point, times] = /^(.*) (\d+)$/.exec(pointText) ?? []
  if (point === undefined || !(point in crashPoints))
    throw new RangeError(`CRASH_AT must be a crash point and a number, got ${pointText}`)
  let remaining = Number(times)
  const reach = () => {
    remaining -= 1
    // SIGKILL to itself takes effect before the call returns
    if (remaining === 0) process.kill(process.pid, 'SIGKILL')
  }
  if (point.endsWith('half written')) onWrite(inserts, point as CrashPoint, reach)
  else if (point.endsWith('heard')) onAck(point as CrashPoint, reach)
  else onPublish(point as CrashPoint, reach)
}

const tableOf: Partial<Record<CrashPoint, string>> = {
  'opening half written': 'command',
  'end half written': 'irrigation',
}

/** Triggers after the insert: the row is in the open transaction. */
function onWrite(prototype: Insert, point: CrashPoint, reach: () => void): void {
  const execute = prototype.execute
  prototype.execute = async function () {
    const inserted = await execute.call(this)
    if (this.toOperationNode().into?.table.identifier.name === tableOf[point]) reach()
    return inserted
  }
}

/** Triggers on a message of the bus before any handler. */
function onAck(point: CrashPoint, reach: () => void): void {
  const states = point === 'running heard' ? ['running'] : ['done', 'aborted']
  const prototype = MqttClient.prototype as unknown as { emit(name: string, ...args: unknown[]): boolean }
  const emit = prototype.emit
  prototype.emit = function (name, ...args) {
    if (name === 'message') {
      const [topic, payload] = args as [string, Buffer]
      if (topic.endsWith('/ack') && states.includes((JSON.parse(payload.toString()) as { st: string }).st))
        reach()
    }
    return emit.call(this, name, ...args)
  }
}

const opOf: Partial<Record<CrashPoint, string>> = {
  'opening written': 'open',
  'opening sent': 'open',
  'end written': 'journal-ack',
  'close written': 'close',
}

type Publish = (
  topic: string,
  payload: string,
  options: object,
  done: (...args: unknown[]) => void,
) => unknown

function onPublish(point: CrashPoint, reach: () => void): void {
  const prototype = MqttClient.prototype as unknown as { publish: Publish }
  const publish = prototype.publish
  prototype.publish = function (topic, payload, options, done) {
    const isTarget = topic.endsWith('/command') && (JSON.parse(payload) as { op: string }).op === opOf[point]
    if (isTarget && point !== 'opening sent') reach()
    const onDone = (...args: unknown[]) => {
      if (isTarget && point === 'opening sent') reach()
      done(...args)
    }
    return publish.call(this, topic, payload, options, onDone)
  }
}
