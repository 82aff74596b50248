/** Whether the page is on the home screen, and the browser's install prompt, which the browser offers once. */
type Offer = Event & { prompt(): Promise<unknown> }

class HomeScreen {
  #offer = $state.raw<Offer | null>(null)

  constructor() {
    addEventListener('beforeinstallprompt', (event) => (this.#offer = event as Offer))
    addEventListener('appinstalled', () => (this.#offer = null))
  }
  get isInstalled(): boolean {
    return matchMedia('(display-mode: standalone)').matches
  }
  get canInstall(): boolean {
    return this.#offer !== null
  }
  async install(): Promise<void> {
    await this.#offer?.prompt()
  }
}

export const homeScreen = new HomeScreen()
