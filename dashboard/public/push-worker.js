/**
 * In the service worker: shows push messages, opens their screens, and renews a subscription that the browser
 * withdraws.
 */
self.addEventListener('push', (event) => {
  let notice
  try {
    notice = event.data.json()
  } catch {
    return // none of ours
  }
  const { title, body, path, tag, language } = notice
  const icon = '/icon-192.png'
  // a message that replaces another one notifies again
  const look = { body, tag, renotify: true, lang: language, icon, data: { path } }
  event.waitUntil(self.registration.showNotification(title, look))
})

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const url = new URL(event.notification.data?.path ?? '/', self.location.origin)
  // only paths of our own, whatever the sender
  event.waitUntil(url.origin === self.location.origin ? open(url.href) : open(self.location.origin))
})

self.addEventListener('pushsubscriptionchange', (event) => event.waitUntil(renew(event)))

/** The browser has a new subscription: the server replaces the old one with it. */
async function renew({ oldSubscription: old, newSubscription }) {
  if (!old) return // the old subscription is unknown: the page shows that this device gets no notifications
  const options = { userVisibleOnly: true, applicationServerKey: old.options.applicationServerKey }
  const subscription = newSubscription ?? (await self.registration.pushManager.subscribe(options))
  const { endpoint: url, keys } = subscription.toJSON()
  await fetch('/api/notifications/devices/renew', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ oldUrl: old.endpoint, url, key: keys.p256dh, auth: keys.auth }),
  })
}

/** Uses an open page where there is one. */
async function open(address) {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  for (const page of pages)
    try {
      // a browser that refuses to focus still shows the screen
      await page.focus().catch(() => {})
      await page.navigate(address)
      return
    } catch {
      // not under this worker yet
    }
  await self.clients.openWindow(address)
}
