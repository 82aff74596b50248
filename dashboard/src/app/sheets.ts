/** Which sheet a name in the hash opens over a screen; each is loaded when it is asked for. */
import type { Component } from 'svelte'
import { words } from '../i18n/words.svelte.ts'

export type SheetPart = Component<{ id: string }>

// a sheet that shows one thing only has no use for the name behind its own
const plain = (sheet: Component): SheetPart => sheet as unknown as SheetPart

const sheets = new Map<string, () => Promise<SheetPart>>([
  ['why', async () => (await import('../sheets/WhySheet.svelte')).default],
  ['model', async () => (await import('../sheets/ModelSheet.svelte')).default],
  ['start', async () => (await import('../sheets/StartSheet.svelte')).default],
  ['run', async () => (await import('../sheets/RunSheet.svelte')).default],
  ['zone', async () => (await import('../sheets/ZoneSheet.svelte')).default],
  ['treat', async () => (await import('../sheets/TreatSheet.svelte')).default],
  ['output', async () => (await import('../sheets/OutputSheet.svelte')).default],
  ['pump', async () => (await import('../sheets/PumpSheet.svelte')).default],
  ['set-pump', async () => (await import('../sheets/SetPumpSheet.svelte')).default],
  ['place', async () => (await import('../sheets/PlaceSheet.svelte')).default],
  ['device', async () => (await import('../sheets/DeviceSheet.svelte')).default],
  ['add-zone', async () => (await import('../sheets/AddZoneSheet.svelte')).default],
  ['add-field', async () => (await import('../sheets/AddFieldSheet.svelte')).default],
  ['add-season', async () => (await import('../sheets/AddSeasonSheet.svelte')).default],
  ['shapes', async () => plain((await import('../sheets/ShapesSheet.svelte')).default)],
  ['products', async () => plain((await import('../sheets/ProductsSheet.svelte')).default)],
  ['notices', async () => plain((await import('../sheets/NoticesSheet.svelte')).default)],
  ['pause', async () => plain((await import('../sheets/PauseSheet.svelte')).default)],
  ['add-device', async () => plain((await import('../sheets/AddDeviceSheet.svelte')).default)],
  ['letters', async () => plain((await import('../sheets/DeadLettersSheet.svelte')).default)],
])

/** Of `why/ID` the sheet and the id; null where the hash names none. */
export function sheetFor(hash: string): { name: string; id: string; part: Promise<SheetPart> } | null {
  const [name = '', ...rest] = hash.split('/')
  const load = sheets.get(name)
  if (!load) return null
  const part = Promise.all([load(), words.whole]).then(([loaded]) => loaded)
  return { name, id: rest.join('/'), part }
}
