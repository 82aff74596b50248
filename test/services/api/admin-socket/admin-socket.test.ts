/** The console's socket: an answer may be as long as it is, a question may not. */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  sendAdminRequest,
  adminSocketPath,
  startAdminSocket,
  type AdminSocket,
} from '../../../../services/api/admin-socket/socket.ts'
import { silent } from '../../../broker/rig.ts'

let dataDir: string
let door: AdminSocket
let asked: number
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'tilth-console-'))
  door = await startAdminSocket({ dataDir, log: silent })
  asked = 0
  door.serve(async ({ form }) => {
    asked++
    return Array.from({ length: Number(form) }, (_, n) => ({
      id: `probe-${n}`,
      name: `圃場 ${n}`,
      seen: null,
    }))
  })
})
afterEach(async () => {
  await door.stop()
  rmSync(dataDir, { recursive: true })
})

it('lists ten thousand devices', async () => {
  const devices = (await sendAdminRequest(dataDir, { command: 'device list', form: 10_000 })) as {
    name: string
  }[]
  expect([devices.length, devices.at(-1)!.name]).toEqual([10_000, '圃場 9999'])
})

it('closes a connection whose request exceeds the limit', async () => {
  const socket = connect(adminSocketPath(dataDir))
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.on('error', () => {}) // what was still being written
  socket.write('x'.repeat(100_000))
  await closed
  expect(asked).toBe(0)
  expect(await sendAdminRequest(dataDir, { command: 'device list', form: 0 })).toEqual([])
})
