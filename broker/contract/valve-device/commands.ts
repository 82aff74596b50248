/**
 * The handling of commands and leases in a controller. Every guard against a second or a late opening is in this file.
 */
import type {
  ClearCommand,
  CloseCommand,
  Command,
  JournalAck,
  JournalEntry,
  Lease,
  OpenCommand,
} from '../messages.ts'
import { hasValidMac } from '../mac.ts'
import type { Draft } from './draft.ts'
import { consumeSequence, startRun, stopAll, stopRun } from './runs.ts'
import { ranMs, publishAck } from './reports.ts'

// a device that cannot record another outcome must not cause one
const JOURNAL_FULL = 48

/** Handles a command. A retained open or clear is rejected: it was sent at an unknown time. */
export function handleCommand(draft: Draft, command: Command, retained: boolean): void {
  if (command.op === 'open') handleOpen(draft, command as OpenCommand, retained)
  else if (command.op === 'close') handleClose(draft, command as CloseCommand)
  else if (command.op === 'clear') handleClear(draft, command as ClearCommand, retained)
  else dropStoredEntries(draft, command as JournalAck)
}

function handleOpen(draft: Draft, open: OpenCommand, retained: boolean): void {
  const { device } = draft
  const valve = device.valves[open.valve]
  // the lease of this opening counts from the heartbeat it refers to, as the device itself recorded it
  const heartbeat = device.heartbeats.find(({ n }) => n === open.n)
  const leaseUntilMonoMs = heartbeat ? heartbeat.monoMs + device.timing.leaseMs : 0

  if (retained) return reject(draft, open, 'retained')
  if (!hasValidMac(device.profile.commandKeyHex, open)) return reject(draft, open, 'mac')
  if (open.sess !== device.sess) return reject(draft, open, 'sess')
  if (!valve) return reject(draft, open, 'valve')
  if (open.seq <= (device.flash.last[open.valve] ?? 0))
    return acknowledgeDuplicate(draft, open.valve, open.seq)
  if (device.monoMs > open.expMonoMs) return reject(draft, open, 'expired')
  if (device.profile.kind === 'leased' && device.monoMs >= leaseUntilMonoMs)
    return reject(draft, open, 'expired')

  // from here on a later copy could be accepted, so the rejection consumes the number
  if (!device.canWriteFlash) return rejectAndConsume(draft, open, 'flash')
  if (device.flash.fault !== null) return rejectAndConsume(draft, open, 'interlock')
  if (open.durMs > device.capMs) return rejectAndConsume(draft, open, 'cap')
  if (valve.isOpen || device.flash.journal.length >= JOURNAL_FULL)
    return rejectAndConsume(draft, open, 'busy')

  device.leaseUntilMonoMs = Math.max(device.leaseUntilMonoMs, leaseUntilMonoMs)
  startRun(draft, open.valve, { seq: open.seq, durMs: open.durMs, litres: open.litres ?? null })
  publishAck(draft, open.valve, open.seq, 'running', {
    ranMs: 0,
    litres: device.valves[open.valve]!.litres ?? null,
  })
}

const reject = (draft: Draft, open: OpenCommand, reason: string): void =>
  publishAck(draft, open.valve, open.seq, 'rejected', { ranMs: 0, why: reason })

function rejectAndConsume(draft: Draft, open: OpenCommand, reason: string): void {
  consumeSequence(draft, open.valve, open.seq)
  addToJournal(draft, { valve: open.valve, seq: open.seq, ranMs: 0, litres: 0, why: reason })
  reject(draft, open, reason)
}

/** Closing needs no session and no expiry: it does no harm, and must work when the server's state is outdated. */
function handleClose(draft: Draft, close: CloseCommand): void {
  const { device } = draft
  if (!hasValidMac(device.profile.commandKeyHex, close))
    return publishAck(draft, close.valve, close.seq ?? 0, 'rejected', { why: 'mac' })
  if (close.force === true) {
    if (close.valve === '*') stopAll(draft, 'command')
    else stopRun(draft, close.valve, 'command')
    return publishAck(draft, close.valve, close.seq ?? 0, 'done', { why: 'command' })
  }
  const seq = close.seq ?? 0
  if (!device.valves[close.valve]) return publishAck(draft, close.valve, seq, 'rejected', { why: 'valve' })
  if (seq <= (device.flash.last[close.valve] ?? 0))
    return acknowledgeDuplicate(draft, close.valve, seq, close.of)
  journalFenced(draft, close)
  consumeSequence(draft, close.valve, seq)
  stopRun(draft, close.valve, 'command')
  publishAck(draft, close.valve, seq, 'done', { why: 'command', ranMs: ranMs(device, close.valve) }, close.of)
}

/** Records an opening that is fenced before it arrives as a run of 0 ms: it can never run after this. */
function journalFenced(draft: Draft, close: CloseCommand): void {
  const { of, valve } = close
  if (of === undefined || of <= (draft.device.flash.last[valve] ?? 0)) return
  addToJournal(draft, { valve, seq: of, ranMs: 0, litres: 0, why: 'command' })
}

/** Acknowledges a number that is consumed already with its outcome: never a second run. */
function acknowledgeDuplicate(draft: Draft, id: string, seq: number, of?: number): void {
  const { device } = draft
  const valve = device.valves[id]!
  if (valve.isOpen && valve.seq === seq)
    return publishAck(draft, id, seq, 'running', { ranMs: ranMs(device, id), litres: valve.litres ?? null })
  const run = device.flash.journal.findLast((entry) => entry.valve === id && entry.seq === seq)
  publishAck(draft, id, seq, 'dup', run ?? { why: 'seq' }, of)
}

function addToJournal(draft: Draft, entry: JournalEntry): void {
  if (draft.device.flash.journal.length < JOURNAL_FULL) draft.device.flash.journal.push(entry)
  draft.isDirty = true
}

/** Clears only the fault that the person saw: a late or repeated copy clears no later one. */
function handleClear(draft: Draft, clear: ClearCommand, retained: boolean): void {
  const { device } = draft
  const acknowledge = (st: 'done' | 'dup' | 'rejected', why?: string) =>
    publishAck(draft, '*', clear.of, st, why === undefined ? {} : { why })
  if (retained) return acknowledge('rejected', 'retained')
  if (!hasValidMac(device.profile.commandKeyHex, clear)) return acknowledge('rejected', 'mac')
  if (clear.sess !== device.sess) return acknowledge('rejected', 'sess')
  if (clear.of > device.flash.faultNo) return acknowledge('rejected', 'seq')
  if (clear.of < device.flash.faultNo || device.flash.fault === null) return acknowledge('dup', 'seq')
  clearFault(draft)
  acknowledge('done')
}

/** Clears the latched fault after a repair. If its cause persists it latches again. */
export function clearFault(draft: Draft): void {
  if (draft.device.flash.fault === null) return
  draft.device.flash.fault = null
  draft.isDirty = draft.hasChanged = true
}

/** Drops the journal entries that the server has stored. */
function dropStoredEntries(draft: Draft, { entries, mac, op, sess }: JournalAck): void {
  const { device } = draft
  if (!hasValidMac(device.profile.commandKeyHex, { op, sess, entries, mac })) return
  const stored = new Set(entries.map(({ valve, seq }) => `${valve} ${seq}`))
  const remaining = device.flash.journal.filter(({ valve, seq }) => !stored.has(`${valve} ${seq}`))
  if (remaining.length === device.flash.journal.length) return
  device.flash.journal = remaining
  draft.isDirty = draft.hasChanged = true
}

/** A lease counts from the heartbeat that it names: a delayed, repeated or replayed one extends nothing. */
export function renewLease(draft: Draft, lease: Lease): void {
  const { device } = draft
  if (lease.sess !== device.sess || !hasValidMac(device.profile.commandKeyHex, lease)) return
  const heartbeat = device.heartbeats.find(({ n }) => n === lease.n)
  if (!heartbeat) return
  device.leaseUntilMonoMs = Math.max(device.leaseUntilMonoMs, heartbeat.monoMs + device.timing.leaseMs)
}
