/**
 * The location of the page: a path and at most one sheet over it, named in the hash so that the phone's back button
 * closes it.
 */
class Route {
  #path = $state(location.pathname)
  #query = $state(location.search)
  #hash = $state(sheetFromHash())
  #depth = 0

  constructor() {
    addEventListener('popstate', () => {
      this.#depth = Math.max(0, this.#depth - 1)
      this.#read()
    })
  }

  get path(): string {
    return this.#path
  }
  get query(): URLSearchParams {
    return new URLSearchParams(this.#query)
  }
  /** 'why/ID', 'start/ID' and so on; '' when no sheet is open. */
  get sheet(): string {
    return this.#hash
  }

  go(to: string, { replace = false } = {}): void {
    const url = new URL(to, location.href)
    const isSamePage = url.pathname === this.#path && url.search === this.#query
    if (replace) history.replaceState(null, '', url)
    else {
      history.pushState(null, '', url)
      this.#depth++
    }
    this.#read()
    if (!isSamePage) scrollTo(0, 0)
  }

  /** Names another part of the same page in the address. Back still leaves the page. */
  setQuery(query: string): void {
    history.replaceState(null, '', this.#path + query)
    this.#read()
  }

  openSheet(name: string): void {
    this.go(`${this.#path}${this.#query}#${name}`)
  }

  closeSheet(): void {
    if (this.#hash === '') return
    this.back(`${this.#path}${this.#query}`)
  }

  /** To the page, when the last of several sheets is done. */
  leaveSheets(): void {
    this.go(`${this.#path}${this.#query}`, { replace: true })
  }

  /** One step back, or to `otherwise` when the page was opened here. */
  back(otherwise: string): void {
    if (this.#depth > 0) history.back()
    else this.go(otherwise, { replace: true })
  }

  #read(): void {
    this.#path = location.pathname
    this.#query = location.search
    this.#hash = sheetFromHash()
  }
}

/** The sheet that the hash names; '' when the hash cannot be decoded. */
function sheetFromHash(): string {
  try {
    return decodeURIComponent(location.hash.slice(1))
  } catch {
    return ''
  }
}

export const route = new Route()

/** Turns clicks on our own links into route changes; the browser handles all others. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return
  const link = (event.target as Element | null)?.closest('a')
  if (!link || link.origin !== location.origin || link.hasAttribute('download') || link.target) return
  if (/^\/(api|healthz|metrics)/.test(link.pathname)) return
  event.preventDefault()
  route.go(link.pathname + link.search + link.hash)
}
