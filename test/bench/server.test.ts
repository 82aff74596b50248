/** Where the bench finds a started Tilth: in the lines that `npm start` prints. */
import { describe, expect, it } from 'vitest'
import { portsIn } from '../../bench/support/server.ts'

describe('the ports of a started Tilth', () => {
  it('are read once both are printed', () => {
    const dashboard = 'Tilth is ready.\n  dashboard  http://127.0.0.1:8080\n'
    expect(portsIn('')).toBeNull()
    expect(portsIn(dashboard)).toBeNull()
    expect(portsIn(`${dashboard}  devices    mqtt://127.0.0.1:18`)).toBeNull()
    expect(portsIn(`${dashboard}  devices    mqtt://127.0.0.1:1883\n`)).toEqual({
      port: 8080,
      mqttPort: 1883,
    })
  })

  it('are that of the dashboard and that of the external broker, which Tilth does not print', () => {
    const output =
      'Tilth is ready.\n  dashboard  http://127.0.0.1:8080\n  devices    at the broker of BUS; Tilth opens no MQTT port\n'
    expect(portsIn(output)).toBeNull()
    expect(portsIn(output, 1884)).toEqual({ port: 8080, mqttPort: 1884 })
  })
})
