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
})
