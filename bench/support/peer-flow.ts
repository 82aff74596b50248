/** The Node-RED flow that a user would draw, as the flow file and settings of Node-RED. */

const READ_MESSAGE = `
const reading = msg.payload.measurements[0].soil
msg.payload = [
  { v: reading.moisture, time: Date.parse(msg.payload.time) },
  { device: msg.topic.split('/')[3], depth: String(reading.depth) },
]
return msg
`

/** mqtt in (QoS 1, JSON) -> function -> influxdb out, one write per message: the node's intended use. */
export const flow = ({ mqttPort, influxPort }: { mqttPort: number; influxPort: number }): object[] => [
  { id: 'tab', type: 'tab', label: 'farm', disabled: false },
  {
    id: 'broker',
    type: 'mqtt-broker',
    broker: '127.0.0.1',
    port: String(mqttPort),
    clientid: 'node-red',
    autoConnect: true,
    usetls: false,
    protocolVersion: '4',
    keepalive: '60',
    cleansession: true,
  },
  {
    id: 'influx',
    type: 'influxdb',
    hostname: '127.0.0.1',
    port: String(influxPort),
    protocol: 'http',
    database: 'tilth',
    usetls: false,
    influxdbVersion: '1.x',
  },
  {
    id: 'in',
    type: 'mqtt in',
    z: 'tab',
    topic: 'tilth/v1/+/+/telemetry',
    qos: '1',
    datatype: 'json',
    broker: 'broker',
    wires: [['read']],
  },
  { id: 'read', type: 'function', z: 'tab', func: READ_MESSAGE, outputs: 1, wires: [['out']] },
  {
    id: 'out',
    type: 'influxdb out',
    z: 'tab',
    influxdb: 'influx',
    measurement: 'soil',
    precision: 'ms',
    retentionPolicy: '',
    wires: [],
  },
]

export const nodeRedSettings = (folder: string, uiPort: number): string => `
module.exports = {
  userDir: ${JSON.stringify(folder)},
  flowFile: 'flows.json',
  uiHost: '127.0.0.1',
  uiPort: ${uiPort},
  credentialSecret: false,
  disableEditor: true,
  telemetry: { enabled: false, updateNotification: false },
  logging: { console: { level: 'info', metrics: false, audit: false } },
}
`
