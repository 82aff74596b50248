/** Names of crops, as files that leave Tilth tell them; the dashboard has the same (a test compares them). */
import type { Lang } from './basis-text.ts'

const japanese: Record<string, string> = {
  ...{
    rice: '水稲',
    soybean: '大豆',
    maize: 'トウモロコシ',
    tomato: 'トマト',
    apple: 'リンゴ',
    cotton: '綿',
  },
  ...{ wheat: '小麦', 'winter-wheat': '秋まき小麦', potato: 'ジャガイモ', grape: 'ブドウ', generic: '作物' },
  ...{
    onion: 'たまねぎ',
    cabbage: 'キャベツ',
    carrot: 'にんじん',
    lettuce: 'レタス',
    spinach: 'ほうれんそう',
  },
  ...{
    broccoli: 'ブロッコリー',
    cauliflower: 'カリフラワー',
    celery: 'セルリー',
    garlic: 'にんにく',
    radish: 'だいこん',
  },
  ...{ cucumber: 'きゅうり', eggplant: 'なす', pepper: 'ピーマン', watermelon: 'すいか', melon: 'メロン' },
  ...{
    pumpkin: 'かぼちゃ',
    'sweet-potato': 'さつまいも',
    'sugar-beet': 'てんさい',
    bean: 'いんげんまめ',
    pea: 'えんどう',
  },
  ...{
    lentil: 'レンズ豆',
    peanut: 'らっかせい',
    strawberry: 'いちご',
    asparagus: 'アスパラガス',
    sunflower: 'ひまわり',
  },
  ...{ rapeseed: 'なたね', barley: '大麦', oats: 'えん麦', millet: 'あわ・きび', sorghum: 'ソルガム' },
  ...{ 'sweet-corn': 'スイートコーン', alfalfa: 'アルファルファ', sugarcane: 'さとうきび', banana: 'バナナ' },
  ...{ coffee: 'コーヒー', tea: '茶', hops: 'ホップ', peach: 'もも', cherry: 'おうとう', pear: 'なし' },
  ...{ apricot: 'あんず', almond: 'アーモンド', walnut: 'くるみ', olive: 'オリーブ', citrus: 'かんきつ' },
  ...{ kiwi: 'キウイフルーツ', avocado: 'アボカド', turfgrass: '芝' },
}
const english: Record<string, string> = { generic: 'crop', turfgrass: 'turf' }

/** A crop of services/agronomy/crops/crops.ts by its name; one that is not known by its id. */
export const cropText = (crop: string, lang: Lang): string =>
  (lang === 'ja' ? japanese[crop] : english[crop]) ?? crop.replaceAll('-', ' ')
