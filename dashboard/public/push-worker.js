/** In the service worker: shows what is pushed, and opens the screen it is about. */
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

/** In a page that is open already, where there is one. */
async function open(address) {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  for (const page of pages)
    try {
      await page.focus()
      await page.navigate(address)
      return
    } catch {
      // not under this worker yet
    }
  await self.clients.openWindow(address)
}
