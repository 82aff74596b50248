/**
 * The subject of a model: 'Codling moth, flight 2', '30 cm deep, probe-1'. Null when the field identifies the model.
 */
import type { ModelCard } from '../../../services/api/schemas.ts'
import type { Locale } from './locale.ts'

type Place = Pick<ModelCard, 'kind' | 'subject' | 'deviceId' | 'depthCm'>

export function modelPlace({ kind, subject, deviceId, depthCm }: Place, locale: Locale): string | null {
  const [, part, number] = subject.split('/')
  const join = (...parts: (string | null | undefined)[]): string =>
    parts.filter((option) => option != null).join(locale.t('list.comma'))
  switch (kind) {
    case 'soil-moisture':
      return join(depthCm === null ? null : locale.t('depth', { depthMm: 10 * depthCm }), deviceId)
    case 'pest-flight':
      return join(locale.message('pest', part), number && locale.t('pest.flight', { number }))
    case 'yield':
      return locale.message('crop', part)
    case 'valve-flow':
      return join(deviceId, part)
    default:
      return null
  }
}
