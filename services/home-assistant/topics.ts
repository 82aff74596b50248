/** Topics in the broker that Home Assistant uses. Two installations of Tilth at one broker need different bases. */

/** The base of Tilth's own topics, unless the integration names another. */
export const DEFAULT_BASE = 'tilth-ha'
/** Where Home Assistant publishes that it has started. */
export const BIRTH_TOPIC = 'homeassistant/status'
/** A subscription filter for the retained descriptions of all devices, of Tilth and of others. */
export const EVERY_DESCRIPTION = 'homeassistant/device/+/config'

export const descriptionTopic = (fieldId: string): string => `homeassistant/device/tilth_${fieldId}/config`
export const availabilityTopic = (base: string): string => `${base}/status`
export const fieldTopic = (base: string, fieldId: string): string => `${base}/field/${fieldId}`
export const valveTopic = (base: string, { controllerId, valve }: ValveAddress): string =>
  `${base}/valve/${controllerId}/${valve}`
export const commandTopic = (base: string, address: ValveAddress): string =>
  `${valveTopic(base, address)}/set`
/** A subscription filter for the commands to every valve. */
export const everyCommand = (base: string): string => `${base}/valve/+/+/set`

export interface ValveAddress {
  controllerId: string
  valve: string
}

/** The valve that a command topic names; null: it is none. */
export function valveOfCommand(base: string, topic: string): ValveAddress | null {
  const [kind, controllerId, valve, last, ...rest] = topic.slice(base.length + 1).split('/')
  const isCommand = topic.startsWith(`${base}/`) && kind === 'valve' && last === 'set' && rest.length === 0
  return isCommand && controllerId && valve ? { controllerId, valve } : null
}
