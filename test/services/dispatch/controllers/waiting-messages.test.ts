/** One device that floods neither fills the memory nor delays the messages of another for long. */
import { expect, it } from 'vitest'
import { virtualClock } from '../../../../broker/contract/virtual-clock.ts'
import { waitingMessages } from '../../../../services/dispatch/controllers/waiting-messages.ts'
import { serialQueue } from '../../../../services/runtime/serial-queue.ts'

const FLOODING = { org: 'coop', device: 'controller-1' }
const OTHER = { org: 'coop', device: 'controller-2' }

function rig() {
  const warnings: object[] = []
  const ignore = () => {}
  const log = {
    debug: ignore,
    info: ignore,
    error: ignore,
    warn: (fields: object) => void warnings.push(fields),
  }
  const queue = serialQueue()
  const messages = waitingMessages({ enqueue: queue.enqueue, clock: virtualClock(0), log })
  const processed: string[] = []
  const send = (from: typeof OTHER, name: string) =>
    messages.add(from, async () => {
      await Promise.resolve()
      processed.push(name)
    })
  return { warnings, queue, messages, processed, send }
}

it('keeps the first hundred messages of a device, drops those beyond, and logs how many', async () => {
  const { warnings, queue, messages, processed, send } = rig()
  for (let n = 0; n < 1_000; n++) void send(FLOODING, `flood ${n}`)
  void send(OTHER, 'other')
  await queue.settled()
  expect(processed).toEqual([...Array.from({ length: 100 }, (_, n) => `flood ${n}`), 'other'])
  await messages.stop()
  expect(warnings).toEqual([
    { ...FLOODING, messages: 1 },
    { ...FLOODING, messages: 899 },
  ])
})

it('takes messages of the device again when the waiting ones are processed, failed ones included', async () => {
  const { queue, messages, processed, send } = rig()
  for (let n = 0; n < 50; n++) {
    messages.add(FLOODING, () => Promise.reject(new Error('disk'))).catch(() => {})
    void send(FLOODING, 'flood')
  }
  await send(FLOODING, 'dropped')
  await queue.settled()
  await send(FLOODING, 'next')
  expect(processed).toEqual([...Array.from({ length: 50 }, () => 'flood'), 'next'])
})
