/**
 * The broker alone, for tests and for a node that only accepts telemetry: `broker/main.ts --journal FILE
 * --devices FILE --pepper FILE [--host H] [--port P] [--limits L]`. The devices file is JSON:
 * `[{"id","org","secretHashes":[..]}]`, read again for every CONNECT and whenever it changes, so that an added or
 * revoked device takes effect at once.
 */
import { readFileSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import Type from 'typebox'
import { RegisteredDevice } from './access/authenticate.ts'
import { jsonParser } from './contract/json.ts'
import { systemClock } from './contract/time.ts'
import { exitOnCrash } from './net/crash-handler.ts'
import { openJournal } from './journal/journal.ts'
import { parseLimits } from './access/limits.ts'
import type { Log } from './log.ts'
import { startBroker } from './server.ts'

const USAGE = `usage: broker --journal FILE --devices FILE --pepper FILE [--host 127.0.0.1] [--port 1883] [--limits none]`

const parseDevices = jsonParser(Type.Array(RegisteredDevice), 'file')

const log: Log = {
  debug: () => {},
  info: (fields, text) => writeLine('info', fields, text),
  warn: (fields, text) => writeLine('warn', fields, text),
  error: (fields, text) => writeLine('error', fields, text),
}

const writeLine = (level: string, fields: object, text: string) =>
  process.stderr.write(
    `${JSON.stringify({ level, text, ...fields }, (_key, value) => (value instanceof Error ? value.message : value))}\n`,
  )

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      journal: { type: 'string' },
      devices: { type: 'string' },
      pepper: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '1883' },
      limits: { type: 'string', default: '' },
    },
  })
  const { journal: path, devices, pepper } = values
  const port = Number(values.port)
  if (!path || !devices || !pepper)
    throw new Error(`--journal, --devices and --pepper are required\n${USAGE}`)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port must be between 0 and 65535, got ${values.port}`)
  const limits = parseLimits(values.limits)
  if (!limits.ok) throw new Error(`--limits ${limits.error}`)

  const findDevice = async (id: string): Promise<RegisteredDevice | null> => {
    const read = parseDevices(await readFile(devices, 'utf8'))
    if (!read.ok) throw new Error(`${devices}: ${read.error}`)
    return read.value.find((device) => device.id === id) ?? null
  }
  const journal = openJournal({ path, clock: systemClock, log, hasThread: true })
  exitOnCrash({ flush: () => journal.close(), log: (text) => log.error({}, text) })
  const broker = await startBroker({
    host: values.host,
    port,
    findDevice,
    pepper: readFileSync(pepper, 'utf8').trim(),
    journal,
    clock: systemClock,
    log,
    limits: limits.value,
  })
  const stopWatching = watchFile(devices, () => void broker.devicesChanged())
  process.stdout.write(`MQTT on ${values.host}:${broker.port}\n`)
  const stop = () => {
    stopWatching()
    void broker.stop().then(() => journal.close())
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

/** Runs `run` when the file changes. Checks twice a second: a revoked device stays connected for a second at most. */
function watchFile(path: string, run: () => void): () => void {
  const stamp = () => statSync(path, { throwIfNoEntry: false })?.mtimeMs
  let lastStamp = stamp()
  const timer = setInterval(() => {
    const now = stamp()
    if (now !== lastStamp) run()
    lastStamp = now
  }, 500)
  return () => clearInterval(timer)
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
})
