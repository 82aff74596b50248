/**
 * A Sonoff SWV as hardware, at the other end of the radio: its own timer closes it, whatever happens to Zigbee2MQTT. What may
 * go wrong with the radio can be switched on.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

const ON_OFF = 0x0006
const FLOW = 0x0404
const BATTERY = 0x0001
const EWELINK = 0xfc11
const CYCLE = 0x5008

interface Frame {
  cluster: number
  command: string
  payload: unknown
}

export interface RadioValve {
  port: number
  /** each time that it was open; `seconds`: what it was sent */
  openings: { openedMs: number; closedMs: number | null; seconds: number | null }[]
  /** frames as they arrived at the radio, those that were lost too */
  frames: string[]
  isOpen(): boolean
  radio: {
    losesCommands: boolean
    losesReports: boolean
    doubles: boolean
    delayMs: number
    /** its own timer does not close it */
    staysOpen: boolean
  }
  /** a real valve takes `on_time` for seconds, of which this many pass in one of the test */
  speed: number
  /** Reports its state, as a person makes it do with its button. */
  report(): void
  stop(): void
}

/** Listens for the radio of one Zigbee2MQTT at a time. */
export async function startRadioValve(speed = 1): Promise<RadioValve> {
  const sockets = new Set<Socket>()
  let timer: NodeJS.Timeout | undefined
  let sequence = 0
  let cycleSeconds = 0

  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
    createInterface({ input: socket })
      .on('line', (line) => take(JSON.parse(line) as Frame))
      .on('error', () => {}) // it repeats that of the socket: the program was killed
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  function take({ cluster, command, payload }: Frame): void {
    self.frames.push(`${command} ${JSON.stringify(payload)}`)
    if (self.radio.losesCommands) return
    setTimeout(() => act(cluster, command, payload), self.radio.delayMs)
  }

  function act(cluster: number, command: string, payload: unknown): void {
    if (cluster === ON_OFF && command === 'onWithTimedOff') open((payload as { ontime: number }).ontime)
    if (cluster === ON_OFF && command === 'on') open(null)
    if (cluster === ON_OFF && command === 'off') close()
    if (command === 'read') {
      if (cluster === ON_OFF) reportState()
      if (cluster === EWELINK) reportCycle()
    }
  }

  function open(seconds: number | null): void {
    if (!self.isOpen()) self.openings.push({ openedMs: Date.now(), closedMs: null, seconds })
    clearTimeout(timer)
    cycleSeconds = seconds ?? 0
    // a repeated command starts the timer again
    if (seconds !== null && !self.radio.staysOpen) timer = setTimeout(close, (seconds * 1000) / self.speed)
    reportState()
    reportCycle()
    reportFlow(7)
  }

  function close(): void {
    clearTimeout(timer)
    const last = self.openings.at(-1)
    if (last?.closedMs === null) last.closedMs = Date.now()
    reportFlow(0)
    reportState()
  }

  const reportState = () => report(ON_OFF, attribute(0, 0x10, Buffer.from([self.isOpen() ? 1 : 0])))
  const reportFlow = (tenthsM3h: number) =>
    report(FLOW, attribute(0, 0x21, Buffer.from([tenthsM3h & 0xff, tenthsM3h >> 8])))
  function reportCycle(): void {
    const value = Buffer.alloc(11)
    value.writeUInt8(10, 0) // the length of the text
    value.writeUInt8(1, 1)
    value.writeUInt8(1, 2)
    value.writeUInt32BE(cycleSeconds, 3)
    report(EWELINK, attribute(CYCLE, 0x42, value))
  }

  const attribute = (id: number, type: number, value: Buffer): Buffer =>
    Buffer.concat([Buffer.from([id & 0xff, id >> 8, type]), value])

  /** Reports attributes: ZCL 2.4.1 (frame control, sequence, command 0x0a). */
  function report(cluster: number, attributes: Buffer): void {
    if (self.radio.losesReports) return
    sequence = (sequence + 1) % 256
    const frame = Buffer.concat([Buffer.from([0x08, sequence, 0x0a]), attributes])
    const line = `${JSON.stringify({ cluster, hex: frame.toString('hex') })}\n`
    setTimeout(() => {
      for (const socket of sockets) for (let n = self.radio.doubles ? 2 : 1; n > 0; n--) socket.write(line)
    }, self.radio.delayMs)
  }

  const self: RadioValve = {
    port: (server.address() as AddressInfo).port,
    openings: [],
    frames: [],
    isOpen: () => self.openings.at(-1)?.closedMs === null,
    radio: { losesCommands: false, losesReports: false, doubles: false, delayMs: 0, staysOpen: false },
    speed,
    report: () => reportState(),
    stop() {
      clearTimeout(timer)
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
  setImmediate(() => report(BATTERY, attribute(0x21, 0x20, Buffer.from([188]))))
  return self
}
