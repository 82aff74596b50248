/** The names of the members of the demonstration, of their fields and varieties, in its language. */
import { inJapanese } from '../japanese-names.ts'

export interface MemberNames {
  person(m: number): string
  field(f: number): string
  inlet: string
  variety(f: number): string
  operator(m: number): string
}

// some families write their name in old characters, on an English list too
const families = {
  en: 'Sato Suzuki Takahashi Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Katō Yoshida Yamada Ōta Honma Abe Igarashi 髙橋 渡邉 Hasegawa Saitō',
  ja: '佐藤 鈴木 高橋 田中 渡辺 伊藤 山本 中村 小林 加藤 吉田 山田 太田 本間 阿部 五十嵐 髙橋 渡邉 長谷川 斎藤',
}
const given = {
  en: 'Hiroshi Kenji Takashi Makoto Noboru Shigeru Minoru Kiyoshi Osamu Isamu Yoshiko Kazuko Masako Setsuko Fumiko Akira Tadashi Susumu Mitsuo Kazuo Haruka Daisuke Yūta Misaki Naoki',
  ja: '博 健二 隆 誠 昇 茂 実 清 修 勇 良子 和子 正子 節子 文子 明 正 進 光男 和夫 遥 大輔 勇太 美咲 直樹',
}
const VARIETIES = ['Koshihikari', 'こしいぶき', 'Yumekirari']

/** `language`: absent is English. */
export function namesIn(language: 'en' | 'ja' = 'en'): MemberNames {
  const [family, first] = [families[language].split(' '), given[language].split(' ')]
  const isJapanese = language === 'ja'
  return {
    person: (m) => `${family[m % family.length]} ${first[Math.floor(m / family.length) % first.length]}`,
    field: (f) => (isJapanese ? `水田${f}号` : `Paddy ${f}`),
    inlet: isJapanese ? '水口' : 'Inlet',
    variety: (f) => {
      const variety = VARIETIES[f % VARIETIES.length]!
      return isJapanese ? inJapanese(variety) : variety
    },
    operator: (m) => (isJapanese ? `作業者${m}` : `Operator ${m}`),
  }
}
