/** Whether the page is on the home screen, and the browser's install prompt, which comes once. */
type Offer = Event & { prompt(): Promise<unknown> }

class HomeScreen {
  #offer = $state.raw<Offer | null>(null)

  constructor() {
    addEventListener('beforeinstallprompt', (event) => (this.#offer = event as Offer))
    addEventListener('appinstalled', () => (this.#offer = null))
  }
  get isThere(): boolean {
    return matchMedia('(display-mode: standalone)').matches
  }
  get canOffer(): boolean {
    return this.#offer !== null
  }
  async put(): Promise<void> {
    await this.#offer?.prompt()
  }
}

export const homeScreen = new HomeScreen()
