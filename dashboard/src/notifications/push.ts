/**
 * Push notifications on this device: whether the browser shows them, and its subscription. The browser stores the
 * server's ID of it, so that a person sees which of their devices is this one.
 */
import { err, ok, type Result } from '../../../broker/contract/result.ts'
import { request } from '../api/request.svelte.ts'

const KEPT = 'tilth-push'

/** The reason why this browser cannot show notifications; null: it can, or only the permission is missing. */
export function pushObstacle(): 'insecure' | 'unsupported' | 'denied' | null {
  if (!isSecureContext) return 'insecure'
  if (!('serviceWorker' in navigator) || !('PushManager' in globalThis) || !('Notification' in globalThis))
    return 'unsupported'
  return Notification.permission === 'denied' ? 'denied' : null
}

export interface PushKeys {
  url: string
  key: string
  auth: string
}

/** Requests the permission, then the subscription. Call it after a tap: browsers refuse it otherwise. */
export async function subscribe(pushKey: string): Promise<Result<PushKeys, 'denied' | 'failed'>> {
  if ((await Notification.requestPermission()) !== 'granted') return err('denied')
  try {
    const registration = await navigator.serviceWorker.getRegistration()
    if (!registration) return err('failed')
    const subscription = await registration.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: pushKey,
    })
    const { endpoint, keys } = subscription.toJSON()
    return endpoint && keys?.p256dh && keys.auth
      ? ok({ url: endpoint, key: keys.p256dh, auth: keys.auth })
      : err('failed')
  } catch {
    return err('failed')
  }
}

export const pushDeviceId = (): string | null => localStorage.getItem(KEPT)
export const storePushDeviceId = (id: string): void => localStorage.setItem(KEPT, id)

/** Ends notifications on this device. Offline, the push service is notified later. */
export async function unsubscribePush(): Promise<void> {
  const id = pushDeviceId()
  if (id === null) return
  localStorage.removeItem(KEPT)
  await request(`/api/notifications/devices/${encodeURIComponent(id)}`, { method: 'DELETE' })
  try {
    const registration = await navigator.serviceWorker.getRegistration()
    await (await registration?.pushManager.getSubscription())?.unsubscribe()
  } catch {
    // the server has deleted it and sends nothing any more
  }
}

/** The device as a person knows it: 'Android, Chrome'. Unknown parts are left out. */
export function describeUserAgent(userAgent: string): { system: string | null; browser: string | null } {
  const find = (names: [pattern: RegExp, name: string][]) =>
    names.find(([pattern]) => pattern.test(userAgent))?.[1] ?? null
  return {
    system: find([
      [/iPhone/, 'iPhone'],
      [/iPad/, 'iPad'],
      [/Android/, 'Android'],
      [/Windows/, 'Windows'],
      [/Mac OS/, 'Mac'],
      [/Linux/, 'Linux'],
    ]),
    // each user agent string also contains the names above it
    browser: find([
      [/Firefox|FxiOS/, 'Firefox'],
      [/Edg/, 'Edge'],
      [/SamsungBrowser/, 'Samsung Internet'],
      [/Chrome|CriOS/, 'Chrome'],
      [/Safari/, 'Safari'],
    ]),
  }
}
