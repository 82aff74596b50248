/** A device that is switched on before anybody has added it: it retries with the pauses of the device guide, and is accepted. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { virtualClock, type VirtualClock } from '../../../broker/contract/virtual-clock.ts'
import { claimDevice } from '../../../firmware-sim/devices/claim.ts'

type Answer = { status: number; headers?: Record<string, string>; body: object }
const NOT_YET: Answer = {
  status: 403,
  body: { error: 'FORBIDDEN', message: 'code: this code does not count' },
}
const CLAIMED = {
  id: 'soil-1',
  org: 'hills',
  kind: 'probe',
  secret: 's',
  commandKey: null,
  valves: [],
  mqtt: { port: 1883, tlsPort: null, webSocketPath: null },
}
const CODE = 'K3QF-7M2P-XR4T-9WBA-CDF0'

describe('a device with a claim code', () => {
  let server: Server
  let answers: Answer[]
  let asked: { atMs: number; nonce: string }[]
  let said: string[]
  let clock: VirtualClock

  beforeEach(async () => {
    answers = []
    asked = []
    said = []
    clock = virtualClock(0)
    server = createServer((request, reply) => {
      let text = ''
      request.on('data', (chunk: Buffer) => (text += chunk.toString()))
      request.on('end', () => {
        asked.push({ atMs: clock.now(), nonce: (JSON.parse(text) as { nonce: string }).nonce })
        const { status, headers = {}, body } = answers.shift() ?? { status: 200, body: CLAIMED }
        reply.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterEach(() => new Promise((resolve) => server.close(resolve)))

  /** Lets time pass to whatever is waited for, until it is answered for good. */
  async function claim() {
    const { port } = server.address() as AddressInfo
    let isOver = false
    const claiming = claimDevice({
      at: `http://127.0.0.1:${port}`,
      code: CODE,
      nonce: 'n1',
      clock,
      note: (text) => said.push(text),
    }).finally(() => (isOver = true))
    while (!isOver) {
      const nextMs = clock.nextAt()
      if (nextMs === null) await new Promise((resolve) => setImmediate(resolve))
      else await clock.advanceTo(nextMs)
    }
    return claiming
  }

  it('repeats its request with the same nonce until a person has added it, at increasing intervals', async () => {
    answers = Array<Answer>(6).fill(NOT_YET)
    expect(await claim()).toEqual({ ok: true, value: CLAIMED })
    expect(asked.map(({ atMs }) => atMs / 60_000)).toEqual([0, 1, 3, 7, 15, 25, 35])
    expect(new Set(asked.map(({ nonce }) => nonce))).toEqual(new Set(['n1']))
    expect(said[0]).toContain('until somebody adds this device')
  })

  it('waits as long as the response requests', async () => {
    answers = [{ status: 429, headers: { 'retry-after': '17' }, body: { message: 'too many tries' } }]
    expect((await claim()).ok).toBe(true)
    expect(asked.map(({ atMs }) => atMs)).toEqual([0, 17_000])
  })

  it('gives up on an invalid code, and on an unreachable server', async () => {
    answers = [{ status: 400, body: { message: 'code: its last sign does not fit' } }]
    expect(await claim()).toMatchObject({ ok: false, error: 'code: its last sign does not fit' })
    answers = Array<Answer>(5).fill({ status: 503, body: { message: 'try again' } })
    expect(await claim()).toMatchObject({
      ok: false,
      error: expect.stringContaining('no answer from') as string,
    })
    expect(asked).toHaveLength(6)
  })
})
