/** The same farm on a Node-RED dashboard page: a row per field, a switch per valve, a chart of 30 days of water. */
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../../test/support/free-port.ts'
import type { FieldDetail } from '../../services/api/screens/field-schemas.ts'
import type { Today } from '../../services/api/screens/today-schemas.ts'
import type { Bench } from '../support/bench.ts'
import { installPeer, nodeRed } from '../support/peer.ts'
import { nodeRedSettings } from '../support/peer-flow.ts'
import { startProgram, untilReady } from '../support/process.ts'

const PACKAGES = ['node-red@4.1', 'node-red-dashboard@3.6']

export interface PeerPage {
  url: string
  version: string
  stop(): Promise<void>
}

/** Serves the page; or returns the reason why it is unavailable. */
export async function startPeerPage(
  bench: Bench,
  today: Today,
  detail: FieldDetail,
): Promise<PeerPage | string> {
  const missing = await installPeer(bench, PACKAGES)
  if (missing !== null) return missing
  const folder = await bench.folder('peer-page')
  const port = await freePort()
  await writeFile(join(folder, 'flows.json'), JSON.stringify(pageFlow(today, detail)))
  await writeFile(join(folder, 'settings.js'), nodeRedSettings(folder, port))
  const program = startProgram(process.execPath, [nodeRed, '--settings', join(folder, 'settings.js')], {
    cwd: folder,
  })
  const stop = () => program.end('SIGTERM')
  bench.onEnd(stop)
  const url = `http://127.0.0.1:${port}/ui`
  await untilReady(program, 'Node-RED', async () => ((await fetch(url)).status === 200 ? true : null))
  const { version } = JSON.parse(readFileSync(join(dashboard, 'package.json'), 'utf8')) as { version: string }
  return { url, version, stop }
}

const dashboard = join(nodeRed, '../../node-red-dashboard')

/** As drawn in the editor; the displayed values are injected once, when the flow starts. */
function pageFlow(today: Today, { water }: FieldDetail): object[] {
  const group = {
    id: 'fields',
    type: 'ui_group',
    name: 'Fields',
    tab: 'tab',
    order: 1,
    disp: true,
    width: '6',
  }
  const valves = { ...group, id: 'valves', name: 'Valves', order: 2 }
  const charts = { ...group, id: 'charts', name: 'Water left', order: 3 }
  const rows = today.fields.flatMap((field, order) => [
    {
      id: `text-${field.id}`,
      type: 'ui_text',
      z: 'flow',
      group: 'fields',
      order,
      width: 0,
      height: 0,
      name: field.name,
      label: field.name,
      format: '{{msg.payload}}',
      layout: 'row-spread',
      wires: [],
    },
    injectNode(
      `said-${field.id}`,
      `${field.status}, ${field.water?.leftMm ?? field.level?.v ?? '?'} mm`,
      `text-${field.id}`,
    ),
  ])
  const switches = today.fields.slice(0, 8).map(({ id, name }, order) => ({
    id: `switch-${id}`,
    type: 'ui_switch',
    z: 'flow',
    name,
    label: name,
    group: 'valves',
    order,
    width: 0,
    height: 0,
    onvalue: 'true',
    onvalueType: 'bool',
    offvalue: 'false',
    offvalueType: 'bool',
    style: '',
    topic: '',
    wires: [[]],
  }))
  const points = (water?.atMs ?? []).map((x, index) => ({ x, y: water!.left[index] }))
  const chart = {
    id: 'chart',
    type: 'ui_chart',
    z: 'flow',
    name: '',
    group: 'charts',
    order: 1,
    width: 0,
    height: 0,
    label: 'Water left',
    chartType: 'line',
    legend: 'false',
    xformat: 'auto',
    interpolate: 'linear',
    nodata: '',
    dot: false,
    ymin: '',
    ymax: '',
    removeOlder: '30',
    removeOlderUnit: '86400',
    cutout: 0,
    useOneColor: false,
    colors: ['#1f77b4'],
    outputs: 1,
    useDifferentColor: false,
    wires: [[]],
  }
  const series = JSON.stringify([{ series: ['mm'], data: [points], labels: [''] }])
  return [
    { id: 'flow', type: 'tab', label: 'farm', disabled: false },
    { id: 'tab', type: 'ui_tab', name: 'Farm', icon: 'dashboard', order: 1 },
    ...[group, valves, charts, ...rows, ...switches, chart],
    injectNode('said-chart', series, 'chart', 'json'),
  ]
}

const injectNode = (id: string, payload: string, to: string, payloadType = 'str') => ({
  id,
  type: 'inject',
  z: 'flow',
  props: [{ p: 'payload' }],
  payload,
  payloadType,
  repeat: '',
  once: true,
  onceDelay: 0.1,
  wires: [[to]],
})
