/**
 * Controllers that break one rule each: the reference simulator with a line of it changed. Conform must name the rule.
 * What else a change breaks is of no matter.
 */
import type { Trying } from './conform-bench.ts'

export type Edit = readonly [file: string, before: string | RegExp, after: string]

export interface Mutant {
  rule: string
  /** What its maker has done wrong. */
  is: string
  edits: readonly Edit[]
  trying?: Trying
}

const commands = 'broker/contract/valve-device/commands.ts'
const says = 'broker/contract/valve-device/reports.ts'
const runs = 'broker/contract/valve-device/runs.ts'
const machine = 'broker/contract/valve-device/device.ts'
const messages = 'broker/contract/messages.ts'
const mac = 'broker/contract/mac.ts'
const controller = 'firmware-sim/devices/controller.ts'
const device = 'firmware-sim/devices/device.ts'
const link = 'firmware-sim/devices/link.ts'

const watermark = /if \(open\.seq <= \(device\.flash\.last\[open\.valve\] \?\? 0\)\)/
const everyMs = 'isAnyOpen(device) ? device.timing.heartbeatOpenMs : device.timing.heartbeatIdleMs'
const openSchema = /mac: Mac,\n\}\)\nexport type OpenCommand/

export const mutants: readonly Mutant[] = [
  // the connection and the hello
  { rule: 'connect', is: 'asks for a session that is kept', edits: [[link, 'clean: true', 'clean: false']] },
  {
    rule: 'will',
    is: 'has a will of another session',
    edits: [[link, '{ on: 0, sess }', "{ on: 0, sess: 'b0' }"]],
  },
  {
    rule: 'subscribe',
    is: 'hears commands with QoS 0',
    edits: [[link, '{ qos: delivery[kind].qos }', '{ qos: 0 as const }']],
  },
  {
    rule: 'hello',
    is: 'beats before it tells its state',
    edits: [
      [
        says,
        /( {2}if \(draft\.hasChanged \|\| .*publishState\(draft\)\n)( {2}if \(device\.monoMs >= device\.heartbeatDueMonoMs\).*\n)/,
        '$2$1',
      ],
    ],
  },
  {
    rule: 'state-kept',
    is: 'does not retain its state',
    edits: [
      ['broker/contract/topics.ts', 'state: { qos: 1, retain: true }', 'state: { qos: 1, retain: false }'],
    ],
  },
  // what a right order does
  {
    rule: 'open',
    is: 'opens without a word',
    edits: [[commands, "publishAck(draft, open.valve, open.seq, 'running', {", 'void ({']],
  },
  {
    rule: 'state-change',
    is: 'does not count its changes',
    edits: [[says, 'if (draft.hasChanged) device.sv += 1', '']],
  },
  {
    rule: 'duration',
    is: 'takes 20 s for 200 s',
    edits: [[runs, /(openedMonoMs: device\.monoMs,\n {4})durMs,/, '$1durMs: durMs * 10,']],
  },
  {
    rule: 'unknown-keys',
    is: 'refuses what it does not know',
    edits: [
      [messages, openSchema, 'mac: Mac,\n}, { additionalProperties: false })\nexport type OpenCommand'],
    ],
  },
  {
    rule: 'repeat-running',
    is: 'begins anew with each copy',
    edits: [
      [
        commands,
        watermark,
        "if (valve.isOpen && valve.seq === open.seq) {\n device.valves[open.valve] = { ...valve, openedMonoMs: device.monoMs }\n return publishAck(draft, open.valve, open.seq, 'running', {})\n }\n$&",
      ],
    ],
  },
  {
    rule: 'repeat-over',
    is: 'runs the last number again',
    edits: [[commands, watermark, 'if (open.seq < (device.flash.last[open.valve] ?? 0))']],
  },
  {
    rule: 'repeat-forgotten',
    is: 'knows a number by its journal alone',
    edits: [
      [
        commands,
        watermark,
        'if (valve.isOpen || device.flash.journal.some((e) => e.valve === open.valve && e.seq === open.seq))',
      ],
    ],
  },
  {
    rule: 'two-valves',
    is: 'shuts one valve when it opens another',
    edits: [
      [
        commands,
        'startRun(draft, open.valve',
        "for (const id of Object.keys(device.valves)) stopRun(draft, id, 'command')\n  startRun(draft, open.valve",
      ],
    ],
  },
  {
    rule: 'litres',
    is: 'does not count litres',
    edits: [
      [runs, 'else if (valve.doseLitres !== null &&', 'else if (false && valve.doseLitres !== null &&'],
    ],
  },
  // orders that must not open
  {
    rule: 'mac',
    is: 'looks at no code of an order',
    edits: [[commands, /if \(!hasValidMac\(.*open\)\) return reject\(.*\)/, '']],
  },
  {
    rule: 'mac-whole',
    is: 'compares half the code',
    edits: [
      [
        mac,
        'timingSafeEqual(received, digest(keyHex, message))',
        'timingSafeEqual(received.subarray(0, 8), digest(keyHex, message).subarray(0, 8))',
      ],
    ],
  },
  {
    rule: 'mac-fields',
    is: 'signs no litres, as it measures none',
    edits: [[mac, 'litres ?? null', 'null']],
  },
  {
    rule: 'mac-absent',
    is: 'takes an order without a code',
    edits: [
      [messages, openSchema, 'mac: Type.Optional(Type.String()),\n})\nexport type OpenCommand'],
      [mac, 'const received = ', 'if (!message.mac) return true\n  const received = '],
    ],
  },
  {
    rule: 'mac-unburnt',
    is: 'uses the number of a forged order up',
    edits: [
      [
        commands,
        "open)) return reject(draft, open, 'mac')",
        "open)) return rejectAndConsume(draft, open, 'mac')",
      ],
    ],
  },
  {
    rule: 'session',
    is: 'looks at no session',
    edits: [[commands, /if \(open\.sess !== device\.sess\) return .*/, '']],
  },
  {
    rule: 'expiry',
    is: 'looks at no time',
    edits: [[commands, /if \(device\.monoMs > open\.expMonoMs\) return .*/, '']],
  },
  {
    rule: 'heartbeat-known',
    is: 'opens for whatever heartbeat',
    edits: [[commands, "device.profile.kind === 'leased' && device.monoMs >= leaseUntilMonoMs", 'false']],
  },
  {
    rule: 'heartbeat-old',
    is: 'knows its heartbeats for ever, and opens for an old one',
    edits: [
      [commands, "device.profile.kind === 'leased' && device.monoMs >= leaseUntilMonoMs", '!heartbeat'],
      [says, /device\.heartbeats = device\.heartbeats\.filter\(.*\)/, ''],
    ],
  },
  {
    rule: 'retained',
    is: 'takes a retained order',
    edits: [[commands, /if \(retained\) return reject\(.*\)/, '']],
  },
  {
    rule: 'watermark',
    is: 'compares a number with the last one only',
    edits: [[commands, watermark, 'if (open.seq === device.flash.last[open.valve])']],
  },
  {
    rule: 'valve',
    is: 'is silent when it has no such valve',
    edits: [[commands, "if (!valve) return reject(draft, open, 'valve')", 'if (!valve) return']],
  },
  { rule: 'busy', is: 'lets a new order take over', edits: [[commands, 'if (valve.isOpen || ', 'if (']] },
  {
    rule: 'refused-for-good',
    is: 'writes a refusal down and opens later',
    edits: [[commands, 'consumeSequence(draft, open.valve, open.seq)', '']],
  },
  { rule: 'cap', is: 'has no cap', edits: [[commands, /if \(open\.durMs > device\.capMs\) return .*/, '']] },
  {
    rule: 'cap-config',
    is: 'lets the configuration lengthen its cap',
    edits: [
      [
        machine,
        'Math.min(maxRunMs(device.profile), config.capMs ?? Infinity)',
        'config.capMs ?? maxRunMs(device.profile)',
      ],
    ],
  },
  {
    rule: 'garbage',
    is: 'starts anew when it cannot read a message',
    edits: [
      [
        controller,
        'else options.note?.(`${credentials.id}: ${kind} refused: ${input.error}`)',
        'else context.link.cut(), void context.link.open()',
      ],
    ],
  },
  // closing
  {
    rule: 'close',
    is: 'notes a close and runs on',
    edits: [
      [
        commands,
        "consumeSequence(draft, close.valve, seq)\n  stopRun(draft, close.valve, 'command')",
        'consumeSequence(draft, close.valve, seq)',
      ],
    ],
  },
  {
    rule: 'close-again',
    is: 'answers a close once',
    edits: [[commands, 'return acknowledgeDuplicate(draft, close.valve, seq, close.of)', 'return']],
  },
  {
    rule: 'fence',
    is: 'lets a fenced order open',
    edits: [[commands, 'consumeSequence(draft, close.valve, seq)', '']],
  },
  {
    rule: 'close-any-session',
    is: 'takes a close of its session only',
    edits: [
      [
        commands,
        'if (close.force === true) {',
        'if (close.sess !== device.sess) return\n  if (close.force === true) {',
      ],
    ],
  },
  {
    rule: 'close-any-time',
    is: 'lets a close expire',
    edits: [
      [
        commands,
        'if (close.force === true) {',
        "if ('expMonoMs' in close && device.monoMs > Number(close.expMonoMs)) return\n  if (close.force === true) {",
      ],
    ],
  },
  {
    rule: 'close-mac',
    is: 'looks at no code of a close',
    edits: [[commands, /if \(!hasValidMac\(device\.profile\.commandKeyHex, close\)\)\n\s+return .*\n/, '']],
  },
  {
    rule: 'stop',
    is: 'stops its first valve only',
    edits: [
      [
        commands,
        "if (close.valve === '*') stopAll(draft, 'command')",
        "if (close.valve === '*') stopRun(draft, 'V1', 'command')",
      ],
    ],
  },
  {
    rule: 'stop-no-number',
    is: 'uses numbers up with a stop',
    edits: [
      [
        commands,
        "if (close.valve === '*') stopAll(",
        "for (const id in device.valves) consumeSequence(draft, id, (device.flash.last[id] ?? 0) + 1)\n    if (close.valve === '*') stopAll(",
      ],
    ],
  },
  // the journal
  {
    rule: 'journal',
    is: 'publishes its journal in no state',
    edits: [[says, 'jr: device.flash.journal.slice(0, ENTRIES_IN_STATE)', 'jr: []']],
  },
  {
    rule: 'journal-mac',
    is: 'discards journal entries at a message without a valid mac',
    edits: [
      [
        commands,
        /if \(!hasValidMac\(device\.profile\.commandKeyHex, \{ op, sess, entries, mac \}\)\) return/,
        '',
      ],
    ],
  },
  // leases
  { rule: 'lease-holds', is: 'renews no lease', edits: [[commands, 'if (!heartbeat) return\n', 'return\n']] },
  { rule: 'lease', is: 'needs no lease', edits: [[runs, /device\.leaseUntilMonoMs/g, 'Infinity']] },
  {
    rule: 'lease-echo',
    is: 'counts a lease from its arrival',
    edits: [
      [
        commands,
        'Math.max(device.leaseUntilMonoMs, heartbeat.monoMs + device.timing.leaseMs)',
        'device.monoMs + device.timing.leaseMs',
      ],
    ],
  },
  {
    rule: 'lease-mac',
    is: 'looks at no code of a lease',
    edits: [[commands, / \|\| !hasValidMac\(device\.profile\.commandKeyHex, lease\)/, '']],
  },
  {
    rule: 'lease-session',
    is: 'takes a lease of another session',
    edits: [[commands, 'lease.sess !== device.sess || ', '']],
  },
  {
    rule: 'lease-link',
    is: 'shuts when the network goes',
    edits: [[machine, "case 'disconnected':\n", "case 'disconnected':\n      stopAll(draft, 'lease')\n"]],
  },
  {
    rule: 'lease-alone',
    is: 'looks at no valve while it tries to connect',
    edits: [
      [
        controller,
        'function applyEvent(input: EventInput | null): void {\n',
        "function applyEvent(input: EventInput | null): void {\n    if ((input ?? { type: 'tick' }).type === 'tick' && base && !base.link.isUp()) return void (cancelTick = clock.at(clock.now() + 1_000, () => applyEvent(input)))\n",
      ],
    ],
  },
  // class timed
  {
    rule: 'timed-cap',
    is: 'sleeps, and runs two hours',
    edits: [[machine, "kind === 'timed' ? Math.min(capMs, TIMED_CAP_MS) : capMs", 'capMs']],
    trying: { controller: { class: 'timed' } },
  },
  {
    rule: 'timed-run',
    is: 'sleeps, and waits for leases',
    edits: [
      [runs, "device.profile.kind === 'timed' ? ownMs : ", ''],
      [runs, "device.profile.kind === 'leased' && device.monoMs >=", 'device.monoMs >='],
    ],
    trying: { controller: { class: 'timed' } },
  },
  // after a lost connection
  {
    rule: 'reconnect',
    is: 'subscribes once, not after each connection',
    edits: [
      [
        link,
        'const granted = await mqttClient.subscribeAsync(topics)',
        'const granted = connects > 0 ? [] : await mqttClient.subscribeAsync(topics)',
      ],
    ],
  },
  {
    rule: 'session-over',
    is: 'takes orders of the session before',
    edits: [
      [
        machine,
        "case 'disconnected':\n",
        "case 'disconnected':\n      Object.assign(device, { past: device.sess })\n",
      ],
      [
        commands,
        'if (open.sess !== device.sess)',
        'if (open.sess !== device.sess && open.sess !== (device as unknown as { past?: string }).past)',
      ],
    ],
  },
  {
    rule: 'puback',
    is: 'forgets a reading when it is sent',
    edits: [
      [
        device,
        'flight.add(n)\n',
        'flight.add(n)\n      flash.unsent = flash.unsent.filter((one) => one.n !== n)\n',
      ],
    ],
  },
  // after a power cut
  {
    rule: 'power-shut',
    is: 'goes on after a power cut',
    edits: [
      [machine, 'isOpen: false,\n    feedback: null,', 'isOpen: id in flash.open,\n    feedback: null,'],
      [machine, 'durMs: 0,', 'durMs: flash.open[id]?.durMs ?? 0,'],
      [machine, 'leaseUntilMonoMs: 0,', 'leaseUntilMonoMs: 120_000,'],
    ],
  },
  {
    rule: 'power-number',
    is: 'writes a number when its run is over',
    edits: [
      [
        controller,
        'base!.flash.valves = flash',
        'if (Object.keys(flash.open).length > 0) return\n      base!.flash.valves = flash',
      ],
    ],
  },
  {
    rule: 'power-bound',
    is: 'counts a run that was cut off as none',
    edits: [[machine, 'ranMs: Math.min(run.durMs, maxRunMs(profile))', 'ranMs: 0']],
  },
  {
    rule: 'power-journal',
    is: 'keeps its journal in memory',
    edits: [[machine, 'journal: [...flash.journal, ...cutOff]', 'journal: cutOff']],
  },
  {
    rule: 'power-repeat',
    is: 'keeps its numbers in memory',
    edits: [[machine, 'boot: flash.boot + 1, open: {}', 'boot: flash.boot + 1, last: {}, open: {}']],
  },
  {
    rule: 'power-telemetry',
    is: 'counts its readings from 1 after each start',
    edits: [[device, 'flash.boot += 1\n', 'flash.boot += 1\n    flash.n = 0\n']],
  },
  // faults
  {
    rule: 'fault-latched',
    is: 'tells a fault and waters on',
    edits: [[runs, "device.flash.faultNo += 1\n  stopAll(draft, 'sensor')", 'device.flash.faultNo += 1']],
  },
  {
    rule: 'interlock',
    is: 'opens in spite of a fault',
    edits: [[commands, /if \(device\.flash\.fault !== null\) return .*/, '']],
  },
  {
    rule: 'clear-guards',
    is: 'lets anybody clear a fault',
    edits: [[commands, /if \(!hasValidMac\(.*clear\)\) return .*/, '']],
  },
  {
    rule: 'clear',
    is: 'says that it cleared, and does not',
    edits: [[commands, "clearFault(draft)\n  acknowledge('done')", "acknowledge('done')"]],
  },
  // all of its messages
  {
    rule: 'messages',
    is: 'has words of its own',
    edits: [[commands, "return reject(draft, open, 'sess')", "return reject(draft, open, 'wrong session')"]],
  },
  {
    rule: 'delivery',
    is: 'answers with QoS 0',
    edits: [
      [
        link,
        'payload, delivery[kind])',
        "payload, kind === 'ack' ? { qos: 0 as const, retain: false } : delivery[kind])",
      ],
    ],
  },
  {
    rule: 'heartbeats',
    is: 'beats every 14 s',
    edits: [[says, everyMs, 'isAnyOpen(device) ? 5_000 : 14_000']],
  },
  {
    rule: 'heartbeats-open',
    is: 'beats every 10 s whether a valve is open or not',
    edits: [[says, everyMs, '10_000']],
  },
  {
    rule: 'clock',
    is: 'has a clock that is 5 % fast',
    edits: [[device, 'Math.floor(clock.now() - bootMs)', 'Math.floor(1.05 * (clock.now() - bootMs))']],
  },
  {
    rule: 'states',
    is: 'tells its state every three minutes',
    edits: [
      [
        says,
        'device.stateDueMonoMs = device.monoMs + device.timing.stateMs',
        'device.stateDueMonoMs = device.monoMs + 3 * device.timing.stateMs',
      ],
    ],
  },
  {
    rule: 'sessions',
    is: 'names its session by its start alone',
    edits: [
      [machine, '`b${device.flash.boot}.c${device.connects}.${event.nonce}`', '`b${device.flash.boot}`'],
      [link, '`b${boot}.c${connects + 1}.${nonce}`', '`b${boot}`'],
    ],
  },
  {
    rule: 'rate',
    is: 'beats ten times a second',
    edits: [[says, everyMs, '100']],
    trying: { only: ['opening'] },
  },
  {
    rule: 'telemetry-number',
    is: 'gives every reading number 1',
    edits: [[device, 'flash.n += 1', 'flash.n = 1']],
  },
  {
    rule: 'telemetry-time',
    is: 'tells its own zone’s time as UTC',
    edits: [[device, 'new Date(nowMs + clockErrorMs)', 'new Date(nowMs + clockErrorMs + 9 * 3_600_000)']],
  },
]
