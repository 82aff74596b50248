/**
 * Moments at which a server ends itself as by kill -9: between a commit and what follows from it, which a kill from
 * outside would hardly ever hit. Set from the outside of the product: on the packages that it writes and speaks with.
 */
import Database from 'libsql'
import { MqttClient } from 'mqtt'

/** What is about to happen and does not, or has just happened when the process ends. */
export const crashPoints = {
  'opening half written': 'an order is inserted, its transaction not committed',
  'opening written': 'an order is committed, and not sent',
  'opening sent': 'an order is with the broker, and not answered',
  'running heard': 'the device says that it is open, and nobody has taken it in',
  'end heard': 'the device says how the run ended, and nobody has taken it in',
  'end half written': 'the end of a run is written, its transaction not committed',
  'end written': 'the end of a run is committed, and the device not told to forget it',
  'close written': 'a close is committed, and not sent',
} as const
export type CrashPoint = keyof typeof crashPoints

/** `at`: a point, and at its how manieth time: `opening sent 3`. */
export function armCrash(at: string): void {
  const [, point, times] = /^(.*) (\d+)$/.exec(at) ?? []
  if (point === undefined || !(point in crashPoints))
    throw new RangeError(`CRASH_AT must be a crash point and a number, got ${at}`)
  let left = Number(times)
  const reach = () => {
    left -= 1
    // SIGKILL to itself takes hold before the call returns
    if (left === 0) process.kill(process.pid, 'SIGKILL')
  }
  if (point.endsWith('half written')) onWrite(point as CrashPoint, reach)
  else if (point.endsWith('heard')) onAck(point as CrashPoint, reach)
  else onPublish(point as CrashPoint, reach)
}

const tableOf: Partial<Record<CrashPoint, string>> = {
  'opening half written': 'command',
  'end half written': 'irrigation',
}

/** The statement after the one that writes the row: the row is in the transaction, and the transaction is open. */
function onWrite(point: CrashPoint, reach: () => void): void {
  const own = Database.prototype as { prepare(sql: string): unknown }
  const prepare = own.prepare
  const insert = `insert into "${tableOf[point]}"`
  let isNext = false
  own.prepare = function (sql) {
    if (isNext) reach()
    isNext = sql.startsWith(insert)
    return prepare.call(this, sql)
  }
}

/** What the bus hears, before anybody else does. */
function onAck(point: CrashPoint, reach: () => void): void {
  const states = point === 'running heard' ? ['running'] : ['done', 'aborted']
  const own = MqttClient.prototype as unknown as { emit(name: string, ...args: unknown[]): boolean }
  const emit = own.emit
  own.emit = function (name, ...args) {
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
  const own = MqttClient.prototype as unknown as { publish: Publish }
  const publish = own.publish
  own.publish = function (topic, payload, options, done) {
    const isMeant = topic.endsWith('/command') && (JSON.parse(payload) as { op: string }).op === opOf[point]
    if (isMeant && point !== 'opening sent') reach()
    const then = (...args: unknown[]) => {
      if (isMeant && point === 'opening sent') reach()
      done(...args)
    }
    return publish.call(this, topic, payload, options, then)
  }
}
