/** Whether the ports of the settings are free, or held by the Tilth that runs. */
import { createServer } from 'node:net'
import type { Settings } from '../../config/settings.ts'
import { fault, fine, messageOf, type Finding } from './finding.ts'

interface Port {
  name: string
  host: string
  port: number
}

/** The ports that Tilth opens with these settings; 0 (any free port) needs no check. */
export const portsOf = ({ host, port, https, mqttHost, mqttPort, mqttTls, bus }: Settings): Port[] =>
  [
    { name: 'PORT', host, port },
    ...(https === null ? [] : [{ name: 'HTTPS_PORT', host, port: https.port }]),
    ...(bus.kind === 'external' ? [] : [{ name: 'MQTT_PORT', host: mqttHost, port: mqttPort }]),
    ...(mqttTls === null ? [] : [{ name: 'MQTTS_PORT', host: mqttTls.host, port: mqttTls.port }]),
  ].filter(({ port }) => port !== 0)

/** `isRunning`: the ports are then in use by Tilth itself. */
export async function checkPorts(settings: Settings, isRunning: boolean): Promise<Finding[]> {
  if (isRunning) return portsOf(settings).map(({ name, port }) => fine(name, `${port}, Tilth runs`))
  return Promise.all(portsOf(settings).map(checkPort))
}

async function checkPort({ name, host, port }: Port): Promise<Finding> {
  const error = await tryToListen(host, port)
  if (error === null) return fine(name, `${port} is free`)
  if (error.code === 'EADDRINUSE')
    return fault(
      name,
      `${port} is in use by another program`,
      `stop that program, or set ${name} to another port`,
    )
  if (error.code === 'EACCES')
    return fault(
      name,
      `${port} is not allowed for this user`,
      `set ${name} to a port above 1023, or give the service the right to it (AmbientCapabilities=CAP_NET_BIND_SERVICE)`,
    )
  if (error.code === 'EADDRNOTAVAIL')
    return fault(
      name,
      `this machine has no address ${host}`,
      'set the host to 0.0.0.0 or to one of its addresses',
    )
  return fault(name, `${port} cannot be opened: ${messageOf(error)}`, 'correct the host and the port')
}

const tryToListen = (host: string, port: number): Promise<NodeJS.ErrnoException | null> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', resolve)
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)))
  })
