/**
 * An icon of the set as the page uses it: one drawing, whose size alone is chosen. The set's own component builds each
 * at run time out of a dozen options, which every phone would carry.
 */
import type { Plugin } from 'vite'

type Node = [tag: string, attributes: Record<string, string>]

export function plainIcons(): Plugin {
  return {
    name: 'tilth-icons',
    enforce: 'pre',
    transform: {
      filter: { id: /@lucide\/svelte\/dist\/icons\/[\w-]+\.svelte$/ },
      handler(code) {
        const found = /const iconData = (\{.*\});?$/m.exec(code)?.[1]
        if (found === undefined) this.error('the set of icons is written in another way than before')
        return drawn((JSON.parse(found) as { node: Node[] }).node)
      },
    },
  }
}

const drawn = (nodes: Node[]): string => {
  const strokes = nodes.map(([tag, attributes]) => {
    const text = Object.entries(attributes).map(([name, value]) => `${name}="${value}"`)
    return `<${tag} ${text.join(' ')}/>`
  })
  return `<script>const { size = 24 } = $props()</script>
<svg class="lucide-icon" width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${strokes.join('')}</svg>`
}
