/** Where a model speaks of, in words: 'Codling moth', '30 cm deep, probe-1'. Null where its field says it all. */
import type { ModelCard } from '../../../services/api/schemas.ts'
import type { Speaker } from './speaker.ts'

export function modelPlace(
  { kind, subject, deviceId, depthCm }: Pick<ModelCard, 'kind' | 'subject' | 'deviceId' | 'depthCm'>,
  say: Speaker,
): string | null {
  if (deviceId !== null)
    return depthCm === null ? deviceId : [say.t('depth', { cm: depthCm }), deviceId].join(say.t('list.comma'))
  const about = subject.split(/[^\w-]/).at(-1)
  if (kind === 'pest-flight') return say.say('pest', about)
  return kind === 'yield' ? say.maybe('crop', about) : null
}
