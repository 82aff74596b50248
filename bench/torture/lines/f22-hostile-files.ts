/**
 * F22: a member of a co-operative sends every hostile file there is, to a Tilth with 512 MB of memory. Each is rejected
 * with one line that states what is wrong, devices are acknowledged meanwhile, and the co-operative's own files are read.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { TableFaultKey } from '../../../services/api/co-op/table-fault.ts'
import { hostileFiles, requestOf, type HostileFile } from '../../../test/support/hostile-files.ts'
import { quantile } from '../../support/generator.ts'
import { provision } from '../../support/place.ts'
import { atLeast, atMost, count, infoFigure, machineDependent, megabytes, ms } from '../../support/report.ts'
import { seconds, type FaultLine } from '../support/fault-line.ts'
import { startGoodDevices } from '../support/good-devices.ts'
import { inviteMember, signUp, type Person } from '../support/person.ts'
import { startTilth } from '../support/start-tilth.ts'

const MEMORY_MB = 512
const ACK_WITHIN_MS = 100
const RATE_PER_S = 100
const SAMPLE_EVERY_MS = 20
const GOOD_ROWS = 200
const GOOD_EVERY_MS = 100
/** The deadline of a file, and a slow machine. */
const RESPONSE_WITHIN_MS = 60_000

export const f22: FaultLine = {
  name: 'F22',
  fault: `hostile files, with ${MEMORY_MB} MB of memory`,
  async run(torture) {
    const rounds = torture.isLong ? 10 : 1
    torture.log(`F22: ${hostileFiles.length} hostile files, ${rounds} x`)
    const dataDir = await torture.folder('f22')
    const publishers = await provision(dataDir, { fields: 2, devices: 8, everyS: 60, plantedDaysAgo: 1 })
    const tilth = await startTilth(torture, dataDir, { env: { HTTP_LIMITS: 'none' } })
    const server = tilth.server()
    const coop = await signUp(tilth.port, server.setupToken)
    const member = await inviteMember(tilth.port, coop)
    const device = await ownDevice(member)
    // made before: what this process computes would delay the devices in it
    const requests = hostileFiles.map((file) => ({ file, ...requestOf(file, file.bytes(), device) }))
    const load = startGoodDevices(torture, { port: tilth.mqttPort, publishers, ratePerS: RATE_PER_S })
    let isOver = false
    torture.onEnd(async () => void (isOver = true))
    const memory = sampleMemory(server.rssMB, () => isOver)
    const good = readGoodFiles(coop, () => isOver)

    const wrong: string[] = []
    const tookTooLong: string[] = []
    let longestMs = 0
    for (let round = 0; round < rounds; round++)
      for (const request of requests) {
        const beganMs = performance.now()
        const fault = await faultOf(member, request)
        longestMs = Math.max(longestMs, performance.now() - beganMs)
        if (fault === null) continue
        const texts = fault.isOfTime ? tookTooLong : wrong
        texts.push(`${request.file.to}: ${request.file.name}: ${fault.text}`)
      }
    isOver = true
    const mostMB = await memory
    const goodFiles = await good
    const { load: acks } = await load.stop()
    const isAlive = server.rssMB() !== null && (await member.send('GET', '/healthz')).status === 200
    for (const text of [...wrong, ...tookTooLong]) torture.log(`F22: ${text}`)
    return [
      atMost('F22', `not rejected by one line, of ${hostileFiles.length} files`, wrong.length, 0, count),
      machineDependent(
        atMost('F22', 'rejected because reading takes too long', tookTooLong.length, 0, count),
      ),
      atLeast('F22', 'the first process lives', isAlive ? 1 : 0, 1, count),
      atMost('F22', 'memory (RSS), most', mostMB, MEMORY_MB, megabytes),
      machineDependent(
        atMost('F22', "a device's PUBACK, p99", quantile(acks.ackMs, 0.99), ACK_WITHIN_MS, ms),
      ),
      atMost('F22', `messages lost, of ${count(acks.sent)}`, acks.sent - acks.acked, 0, count),
      atMost('F22', 'connections of devices that ended', acks.broken, 0, count),
      atLeast('F22', 'good files of the co-operative read meanwhile', goodFiles.read, 1, count),
      atMost('F22', 'good files not read', goodFiles.failed, 0, count),
      infoFigure('F22', 'a good file, longest', seconds(goodFiles.longestMs)),
      infoFigure('F22', 'a hostile file, longest', seconds(longestMs)),
    ]
  },
}

interface Fault {
  text: string
  /** rejected by one line at the deadline of the reader: a slow machine reaches it before what is wrong with a large file */
  isOfTime: boolean
}

/** Null: rejected with a status from 400 to 499 and one line that states what is wrong. */
async function faultOf(
  member: Pick<Person, 'send'>,
  { file, path, body }: { file: HostileFile; path: string; body: object },
): Promise<Fault | null> {
  const { status, text } = await member.send('POST', path, body, RESPONSE_WITHIN_MS)
  if (status < 400 || status > 499)
    return { text: `answered ${status}: ${text.slice(0, 100)}`, isOfTime: false }
  const { message, params } = JSON.parse(text) as { message: string; params?: { fault?: TableFaultKey } }
  const isOneLine = !message.includes('\n')
  if (isOneLine && file.expected.test(message)) return null
  return { text: message.slice(0, 200), isOfTime: isOneLine && params?.fault === 'time' }
}

/** A device of the member, whose photo it may set. */
async function ownDevice(member: Pick<Person, 'post'>): Promise<string> {
  const device = { id: 'member-probe', name: 'Probe', kind: 'probe' }
  await member.post('/api/devices', device)
  return device.id
}

async function sampleMemory(rssMB: () => number | null, isOver: () => boolean): Promise<number> {
  let mostMB = 0
  while (!isOver()) {
    mostMB = Math.max(mostMB, rssMB() ?? Infinity)
    await pause(SAMPLE_EVERY_MS)
  }
  return mostMB
}

async function readGoodFiles(coop: Pick<Person, 'send'>, isOver: () => boolean) {
  const rows = Array.from({ length: GOOD_ROWS }, (_, i) => `${1000 + i},Member ${i},North,12`)
  const base64 = Buffer.from(['Code,Member,Field,Area (a)', ...rows].join('\n')).toString('base64')
  const result = { read: 0, failed: 0, longestMs: 0 }
  while (!isOver()) {
    const beganMs = performance.now()
    const { status, text } = await coop.send(
      'POST',
      '/api/memberships/preview',
      { base64 },
      RESPONSE_WITHIN_MS,
    )
    const isRead = status === 200 && (JSON.parse(text) as { members: object[] }).members.length === GOOD_ROWS
    result[isRead ? 'read' : 'failed'] += 1
    result.longestMs = Math.max(result.longestMs, performance.now() - beganMs)
    await pause(GOOD_EVERY_MS)
  }
  return result
}
