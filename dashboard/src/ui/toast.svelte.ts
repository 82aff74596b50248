/** One short message at the foot of the page that goes away by itself: a change was saved, or there was none to save. */
const SHOWN_MS = 4_000

class Toast {
  #text = $state<string | null>(null)
  #timer: ReturnType<typeof setTimeout> | undefined

  get text(): string | null {
    return this.#text
  }
  show(text: string): void {
    clearTimeout(this.#timer)
    this.#text = text
    this.#timer = setTimeout(() => (this.#text = null), SHOWN_MS)
  }
}

export const toast = new Toast()
