/**
 * Registers the service worker. A new shell is activated only when it is complete (the worker waits) and the page is
 * hidden: an update never breaks a page without signal.
 */
export async function registerWorker(): Promise<void> {
  if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return
  try {
    const registration = await navigator.serviceWorker.register('/sw.js')
    const hadWorker = navigator.serviceWorker.controller !== null
    const takeWhenUnseen = (): void => {
      if (document.visibilityState === 'hidden') registration.waiting?.postMessage({ type: 'SKIP_WAITING' })
      else void registration.update().catch(() => {})
    }
    navigator.serviceWorker.addEventListener('controllerchange', () => {
      if (hadWorker && document.visibilityState === 'hidden') location.reload()
    })
    document.addEventListener('visibilitychange', takeWhenUnseen)
    if (document.visibilityState === 'hidden') takeWhenUnseen() // hidden while the worker was being registered
    // without it a phone that is short of space may drop the last data
    await navigator.storage?.persist?.()
  } catch {
    // http on a farm's network has no worker: everything but the offline start works
  }
}
