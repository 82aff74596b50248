/** The map itself: fields as Leaflet draws them, labels that do not cover one another, pictures behind where there are some. */
import type { MapView } from '../../../services/api/schemas.ts'
import type { LatLngTuple } from 'leaflet'
import { mount, unmount } from 'svelte'
import {
  DivIcon,
  LatLngBounds,
  LayerGroup,
  LeafletMap,
  Marker,
  Polygon,
  Scale,
  SVG,
  TileLayer,
} from './leaflet-parts.ts'
import MapLabel from './MapLabel.svelte'
import { placeLabels, type Box, type LabelledField } from './place-labels.ts'
import './leaflet.css'

export interface DrawnField extends LabelledField {
  id: string
  shape: MapView['fields'][number]['shape']
  at: readonly [lonDeg: number, latDeg: number]
  look: string // class: its colour
  opacity: number // of its ground
}

export interface FieldMapHandle {
  /** Draws these fields in place of the ones before; the view stays. */
  draw(fields: readonly DrawnField[], shownId: string | null): void
  /** Pictures behind the fields; null: none. */
  put(tiles: MapView['tiles']): void
  /** Shows one field, or all of them. */
  look(id: string | null): void
  /** Marks a point, and shows it once it is another one; null: none. */
  pin(at: LatLngTuple | null): void
  /** Shows what lies around a point. */
  lookAround(at: LatLngTuple): void
  zoomBy(steps: number): void
  close(): void
}

const PIN =
  '<svg viewBox="0 0 40 48" aria-hidden="true"><path d="M20 46C8 30 4 24 4 17a16 16 0 0 1 32 0c0 7-4 13-16 29Z"/><circle cx="20" cy="17" r="6"/></svg>'

const MOST_NAMED = 60
const CLOSEST = 20
const CLOSEST_ALONE = 17 // one field with what lies around it

/** Opens a map in an element. `opened` is told which field was tapped, `tapped` where the map was. */
export function createFieldMap(
  node: HTMLElement,
  opened: (id: string) => void,
  tapped: (at: LatLngTuple) => void = () => {},
): FieldMapHandle {
  const board = new LeafletMap(node, {
    zoomControl: false,
    attributionControl: false,
    zoomSnap: 0.5,
    maxZoom: CLOSEST,
    // what moves by itself is for nobody who works
    zoomAnimation: false,
    fadeAnimation: false,
    markerZoomAnimation: false,
    inertia: false,
  })
  board.setView([0, 0], 2)
  new Scale({ imperial: false, maxWidth: 140, position: 'bottomleft' }).addTo(board)
  const renderer = new SVG().addTo(board)
  const outlines = new LayerGroup().addTo(board)
  const labels = new LayerGroup().addTo(board)
  let mounted: Record<string, unknown>[] = []
  let fields: readonly DrawnField[] = []
  let drawnShownId: string | null = null
  let pictures: TileLayer | null = null
  let pinned: Marker | null = null
  board.on('click', ({ latlng }: { latlng: { lat: number; lng: number } }) => {
    if (!isMoved) tapped([latlng.lat, latlng.lng])
  })

  const forget = (): void => {
    for (const label of mounted) void unmount(label)
    mounted = []
    labels.clearLayers()
  }
  const label = (): void => {
    forget()
    const view = board.getBounds().pad(0.1)
    const seen = fields.filter(({ at }) => view.contains(latLng(at)))
    // of very many fields the names of some would tell nothing
    if (seen.length > MOST_NAMED && seen[0]!.status === null) return
    const remPx = parseFloat(getComputedStyle(document.documentElement).fontSize)
    const { x: right, y: bottom } = board.getSize()
    const sizes = placeLabels(
      seen.map((field) => ({ ...field, ...board.latLngToContainerPoint(latLng(field.at)) })),
      { view: { left: 0, top: 0, right, bottom }, taken: buttonBoxes(node), remPx },
    )
    for (const [index, size] of sizes) {
      const field = seen[index]!
      const html = document.createElement('div')
      mounted.push(mount(MapLabel, { target: html, props: { field, size } }))
      const icon = new DivIcon({ html, className: '', iconSize: [0, 0] })
      new Marker(latLng(field.at), { icon, interactive: false, keyboard: false }).addTo(labels)
    }
  }
  board.on('moveend', label)

  // a finger that moved the map did not mean the label under it
  let isMoved = false
  const press = (): void => void (isMoved = false)
  const click = (event: Event): void => {
    if (isMoved) event.preventDefault()
  }
  board.on('dragstart', () => (isMoved = true))
  node.addEventListener('pointerdown', press, true)
  node.addEventListener('click', click, true)
  // a map that was hidden, or turned with the phone, has another size
  const watch = new ResizeObserver(() => board.invalidateSize({ pan: false }))
  watch.observe(node)

  const boundsOf = (some: readonly DrawnField[]): LatLngBounds =>
    new LatLngBounds(some.flatMap(({ shape }) => polygonsOf(shape).flat(2)))

  return {
    draw(drawn, shownId) {
      // most of what changes on a farm changes nothing here, and a finger may be on a label
      const isSame =
        drawn.length === fields.length && drawn.every((field, i) => isSameDrawing(field, fields[i]!))
      if (isSame && shownId === drawnShownId) return
      fields = drawn
      drawnShownId = shownId
      outlines.clearLayers()
      for (const { id, shape, look, opacity: fillOpacity } of drawn) {
        const className = `map-field ${look}${id === shownId ? ' is-shown' : ''}`
        new Polygon(polygonsOf(shape), { className, fillOpacity, renderer })
          .on('click', () => opened(id))
          .addTo(outlines)
      }
      label()
    },
    put(tiles) {
      pictures?.remove()
      pictures = null
      if (tiles === null) return
      // many owners of pictures ask to be told which site shows them
      pictures = new TileLayer(tiles.url, { maxZoom: CLOSEST, maxNativeZoom: 18, referrerPolicy: 'origin' })
      pictures.addTo(board)
    },
    look(id) {
      const one = fields.find((field) => field.id === id)
      const bounds = boundsOf(one ? [one] : fields)
      if (bounds.isValid())
        board.fitBounds(bounds, { padding: [24, 24], maxZoom: one ? CLOSEST_ALONE : CLOSEST - 2 })
    },
    pin(at) {
      pinned?.remove()
      pinned = null
      if (at === null) return
      // the tip of the sign stands on the place
      const icon = new DivIcon({ html: PIN, className: 'map-pin', iconSize: [40, 48], iconAnchor: [20, 46] })
      pinned = new Marker(at, { icon, interactive: false, keyboard: false })
      pinned.addTo(board)
    },
    lookAround: (at) => void board.setView(at, CLOSEST_ALONE),
    zoomBy: (steps) => void board.setZoom(board.getZoom() + steps),
    close() {
      watch.disconnect()
      node.removeEventListener('pointerdown', press, true)
      node.removeEventListener('click', click, true)
      forget()
      board.remove()
    },
  }
}

const isSameDrawing = (a: DrawnField, b: DrawnField): boolean =>
  (['id', 'look', 'opacity', 'name', 'word', 'shape'] as const).every((part) => a[part] === b[part])

/** What stands over the map: its buttons. */
function buttonBoxes(node: HTMLElement): Box[] {
  const { left, top } = node.getBoundingClientRect()
  return [...node.parentElement!.querySelectorAll('[data-over-map]')].map((element) => {
    const box = element.getBoundingClientRect()
    return { left: box.left - left, right: box.right - left, top: box.top - top, bottom: box.bottom - top }
  })
}

const latLng = ([lonDeg, latDeg]: readonly [number, number]): LatLngTuple => [latDeg, lonDeg]
const polygonsOf = (shape: DrawnField['shape']): LatLngTuple[][][] =>
  (shape.type === 'Polygon' ? [shape.coordinates] : shape.coordinates).map((rings) =>
    rings.map((ring) => ring.map(latLng)),
  )
