import { expect, it } from 'vitest'
import { serialPasswordHasher } from '../../../../services/api/auth/password-hashing.ts'

it('hashes and verifies in the order of the requests, and continues after an unreadable hash', async () => {
  const passwords = serialPasswordHasher()
  const hash = await passwords.hash('one good password')
  const ended: string[] = []
  const told = (name: string) => (answer: unknown) => {
    ended.push(name)
    return answer
  }
  const answers = await Promise.all([
    passwords.hash('another').then(told('first')),
    passwords.verify({ hash, password: 'one good password' }).then(told('second')),
    passwords.verify({ hash: 'no hash', password: 'x' }).then(told('third'), () => told('third')('refused')),
    passwords.verify({ hash, password: 'a guess' }).then(told('fourth')),
  ])
  expect(ended).toEqual(['first', 'second', 'third', 'fourth'])
  expect(answers[0]).not.toBe(hash)
  expect(answers.slice(1)).toEqual([true, 'refused', false])
})
