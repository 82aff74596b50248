/**
 * The subject of a model: 'Codling moth, flight 2', '30 cm deep, North probe'. Null when the field identifies the model;
 * a device that is named like its field is not repeated.
 */
import type { ModelCard } from '../../../services/api/schemas.ts'
import type { Locale } from './locale.ts'

type Place = Pick<ModelCard, 'kind' | 'subject' | 'deviceId' | 'deviceName' | 'depthCm'> & {
  fieldName?: string | null
}

export function modelPlace(place: Place, locale: Locale): string | null {
  const { kind, subject, deviceId, deviceName, depthCm, fieldName = null } = place
  const [, part, number] = subject.split('/')
  const device = deviceName === null ? deviceId : deviceName === fieldName ? null : deviceName
  const join = (...parts: (string | null | undefined)[]): string =>
    parts.filter((option) => option != null).join(locale.t('list.comma'))
  switch (kind) {
    case 'soil-moisture':
      return join(depthCm === null ? null : locale.t('depth', { depthMm: 10 * depthCm }), device)
    case 'pest-flight':
      return join(locale.message('pest', part), number && locale.t('insect.flight', { number }))
    case 'yield':
      return locale.message('crop', part)
    case 'valve-flow':
      return join(device, part)
    default:
      return null
  }
}
