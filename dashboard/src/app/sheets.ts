/** The sheet that a name in the hash opens over a screen; each is loaded when it opens. */
import type { Component } from 'svelte'
import { i18n } from '../i18n/i18n.svelte.ts'

export type SheetPart = Component<{ id: string }>

// a sheet without a subject ignores `id`
const plain = (sheet: Component): SheetPart => sheet as unknown as SheetPart

const sheets = new Map<string, () => Promise<SheetPart>>([
  ['add', async () => (await import('../records/AddSheet.svelte')).default],
  ['why', async () => (await import('../water/DecisionSheet.svelte')).default],
  ['model', async () => (await import('../models/ModelSheet.svelte')).default],
  ['start', async () => (await import('../water/StartSheet.svelte')).default],
  ['run', async () => (await import('../water/RunSheet.svelte')).default],
  ['zone', async () => (await import('../water/ZoneSheet.svelte')).default],
  ['treat', async () => (await import('../pests/TreatSheet.svelte')).default],
  ['output', async () => (await import('../pests/OutputSheet.svelte')).default],
  ['pump', async () => (await import('../water/PumpSheet.svelte')).default],
  ['set-pump', async () => (await import('../water/EditPumpSheet.svelte')).default],
  ['place', async () => (await import('../devices/PlaceSheet.svelte')).default],
  ['device', async () => (await import('../devices/DeviceSheet.svelte')).default],
  ['add-zone', async () => (await import('../water/AddZoneSheet.svelte')).default],
  ['add-field', async () => (await import('../fields/AddFieldSheet.svelte')).default],
  ['field-set-up', async () => (await import('../fields/SetUpSheet.svelte')).default],
  ['add-season', async () => (await import('../fields/AddSeasonSheet.svelte')).default],
  ['shapes', async () => plain((await import('../fields/ShapesSheet.svelte')).default)],
  ['products', async () => (await import('../pests/ProductsSheet.svelte')).default],
  ['notifications', async () => plain((await import('../notifications/NotificationsSheet.svelte')).default)],
  ['weather', async () => plain((await import('../weather/WeatherSheet.svelte')).default)],
  ['forecast', async () => plain((await import('../weather/ForecastSheet.svelte')).default)],
  ['find', async () => plain((await import('../ui/FindSheet.svelte')).default)],
  ['shortcuts', async () => plain((await import('../ui/ShortcutsSheet.svelte')).default)],
  ['pause', async () => plain((await import('../water/PauseSheet.svelte')).default)],
  ['profile', async () => (await import('../integrations/ProfileSheet.svelte')).default],
  ['integration', async () => (await import('../integrations/IntegrationSheet.svelte')).default],
  ['add-integration', async () => (await import('../integrations/AddIntegrationSheet.svelte')).default],
  ['assign', async () => (await import('../integrations/AssignSheet.svelte')).default],
  ['unassigned', async () => plain((await import('../integrations/UnassignedSheet.svelte')).default)],
  ['add-device', async () => plain((await import('../integrations/ChooseDeviceSheet.svelte')).default)],
  ['claim-device', async () => (await import('../devices/ClaimDeviceSheet.svelte')).default],
  ['dead-letters', async () => plain((await import('../devices/DeadLettersSheet.svelte')).default)],
])

/** The sheet and the id of a hash such as `why/ID`; null when the hash names none. */
export function sheetFor(hash: string): { name: string; id: string; part: Promise<SheetPart> } | null {
  const [name = '', ...rest] = hash.split('/')
  const load = sheets.get(name)
  if (!load) return null
  return { name, id: rest.join('/'), part: loadWithTexts(load) }
}

async function loadWithTexts(load: () => Promise<SheetPart>): Promise<SheetPart> {
  const [part] = await Promise.all([load(), i18n.load()])
  return part
}
