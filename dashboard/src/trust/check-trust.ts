/** Whether this browser trusts the certificate of Tilth, found by using it. */

/**
 * On the plain port: the HTTPS port responds only to a browser that trusts it. On the HTTPS port the page is shown even
 * after a warning, but the browser then refuses the service worker.
 */
export async function isTrusted(origin: string): Promise<boolean> {
  try {
    if (location.protocol === 'https:') {
      await navigator.serviceWorker.register('/sw.js')
      return true
    }
    const response = await fetch(`${origin}/api/trust/check`, { cache: 'no-store', credentials: 'omit' })
    return (await response.text()) === 'https'
  } catch {
    return false
  }
}

/** Where to go on: a path of this Tilth, never another address. */
export function pathAfter(to: string | null): string {
  return to !== null && /^\/(?![/\\])/.test(to) ? to : '/'
}
