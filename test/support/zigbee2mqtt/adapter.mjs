/**
 * Starts a real Zigbee2MQTT whose radio is a socket: frames to the valve leave as lines of JSON, reports of the valve come
 * back as lines. The valve itself is not in this process (valve.ts), so it goes on when this process is killed.
 * Environment: Z2M (the folder of its node_modules), ZIGBEE2MQTT_DATA, RADIO_PORT.
 */
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'

const load = createRequire(join(process.env.Z2M, 'zigbee2mqtt', 'index.js'))
const { Adapter } = load('zigbee-herdsman/dist/adapter/adapter.js')
const { Header } = load('zigbee-herdsman/dist/zspec/zcl')

const VALVE_ADDRESS = 49992
const radio = connect(Number(process.env.RADIO_PORT), '127.0.0.1')

class SocketAdapter extends Adapter {
  start = async () => {
    createInterface({ input: radio }).on('line', (line) => this.receive(JSON.parse(line)))
    return 'resumed'
  }
  stop = async () => {}
  getCoordinatorIEEE = async () => '0x00124b00120144ae'
  getCoordinatorVersion = async () => ({ type: 'socket', meta: { revision: 1 } })
  reset = async () => {}
  supportsBackup = async () => false
  getNetworkParameters = async () => ({
    panID: 6754,
    extendedPanID: '0xdddddddddddddddd',
    channel: 11,
    nwkUpdateID: 0,
  })
  waitFor = () => ({ promise: new Promise(() => {}), cancel() {} })
  sendZdo = async () => [0, {}]
  permitJoin = async () => {}
  sendZclFrameToGroup = async () => {}
  sendZclFrameToAll = async () => {}
  restoreChannelInterPAN = async () => {}
  setChannelInterPAN = async () => {}

  /** A frame as the valve sends it: ZCL header and payload in hex. */
  receive({ cluster, hex }) {
    const data = Buffer.from(hex, 'hex')
    const header = Header.fromBuffer(data)
    this.emit('zclPayload', {
      clusterID: cluster,
      address: VALVE_ADDRESS,
      header,
      data,
      endpoint: 1,
      linkquality: 132,
      groupID: 0,
      wasBroadcast: false,
      destinationEndpoint: 1,
    })
  }

  async sendZclFrameToEndpoint(_ieee, _address, _endpoint, frame) {
    const { cluster, command, payload } = frame
    radio.write(`${JSON.stringify({ cluster: cluster.ID, command: command.name, payload })}\n`)
  }
}

Adapter.create = async (...options) => new SocketAdapter(...options)
const { Controller } = load('zigbee2mqtt/dist/controller.js')
const settings = load('zigbee2mqtt/dist/util/settings.js')

settings.reRead()
const controller = new Controller(
  async () => {},
  async (code) => process.exit(code),
)
process.on('SIGTERM', () => void controller.stop().then(() => process.exit(0)))
controller.start().catch((error) => {
  console.error(error)
  process.exit(1)
})
