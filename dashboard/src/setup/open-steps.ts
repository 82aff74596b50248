/** The steps of the guide that open a valve and change its mode: loaded with their texts when they open. */
import { i18n } from '../i18n/i18n.svelte.ts'

export const openFirstWater = async () =>
  (await Promise.all([import('./FirstWater.svelte'), i18n.load()]))[0].default

export const openWhoDecides = async () =>
  (await Promise.all([import('./WhoDecides.svelte'), i18n.load()]))[0].default
