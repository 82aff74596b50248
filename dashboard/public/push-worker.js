/** In the service worker: shows what is pushed, opens the screen it is about, and renews what the browser withdraws. */
self.addEventListener('push', (event) => {
  let notice
  try {
    notice = event.data.json()
  } catch {
    return // none of ours
  }
  const { title, body, path, tag, language } = notice
  const icon = '/icon-192.png'
  // one that takes the place of another is news all the same
  const look = { body, tag, renotify: true, lang: language, icon, data: { path } }
  event.waitUntil(self.registration.showNotification(title, look))
})

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const url = new URL(event.notification.data?.path ?? '/', self.location.origin)
  // a path of ours, whoever has sent it
  event.waitUntil(url.origin === self.location.origin ? open(url.href) : open(self.location.origin))
})

self.addEventListener('pushsubscriptionchange', (event) => event.waitUntil(renew(event)))

/** The browser has another subscription, or takes one anew: the server learns it in the place of the old one. */
async function renew({ oldSubscription: old, newSubscription }) {
  if (!old) return // nobody can say which it was: the page shows that this device is told nothing
  const options = { userVisibleOnly: true, applicationServerKey: old.options.applicationServerKey }
  const subscription = newSubscription ?? (await self.registration.pushManager.subscribe(options))
  const { endpoint: url, keys } = subscription.toJSON()
  await fetch('/api/notices/devices/renew', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ oldUrl: old.endpoint, url, key: keys.p256dh, auth: keys.auth }),
  })
}

/** In a page that is open already, where there is one. */
async function open(address) {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  for (const page of pages)
    try {
      // a browser that lets it not come to the front shows the screen all the same
      await page.focus().catch(() => {})
      await page.navigate(address)
      return
    } catch {
      // not under this worker yet
    }
  await self.clients.openWindow(address)
}
