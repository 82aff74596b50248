/** The names of the demonstration in Japanese: of people, farms, fields, pumps, devices, varieties and products. */
import type { State } from '../../services/ports.ts'

const names: Record<string, string> = {
  'Shinano Hills co-operative': '信濃の丘農業協同組合',
  'Sato Hana': '佐藤 花',
  Sato: '佐藤',
  Mori: '森',
  Takahashi: '高橋',
  Ito: '伊藤',
  'Paddy 3': '水田3号',
  'Paddy 7': '水田7号',
  'Paddy 8': '水田8号',
  'Paddy 11': '水田11号',
  'North 3': '北3号畑',
  'Hill 2': '丘2号畑',
  'Shrine east': '神社東',
  'Upper orchard': '上の果樹園',
  'Lower orchard': '下の果樹園',
  Terrace: '段の畑',
  'River bend': '川曲がり',
  'West 9': '西9号畑',
  'Canal pump': '用水ポンプ',
  'Well 1': '井戸1号',
  'Orchard pump': '果樹園ポンプ',
  'River pump': '川のポンプ',
  'Lower orchard, Milesight': '下の果樹園（Milesight）',
  'Hill 2, Ecowitt': '丘2号畑（Ecowitt）',
  'Terrace, Sonoff': '段の畑（Sonoff）',
  Koshihikari: 'コシヒカリ',
  Koshiibuki: 'こしいぶき',
  Satonohohoemi: '里のほほえみ',
  Tachisuzuka: 'たちすずか',
  Enrei: 'エンレイ',
  Fuji: 'ふじ',
  Tsugaru: 'つがる',
  Momotaro: '桃太郎',
  Yumekirari: 'ゆめきらり',
  'Demo Hamaki flowable (fictitious)': 'デモハマキフロアブル（架空）',
  'Demo Meiga granules (fictitious)': 'デモメイガ粒剤（架空）',
  'Demo Imochi wettable (fictitious)': 'デモいもち水和剤（架空）',
  'Demo Eki emulsion (fictitious)': 'デモ疫病乳剤（架空）',
  'Demo Eki emulsion (fictitious) T': 'デモ疫病乳剤T（架空）',
}

/** The name in Japanese; a name that has none stays as it is. */
export const inJapanese = (name: string): string => names[name] ?? name

/** Renames what is stored so far. */
export async function renameInJapanese(state: State): Promise<void> {
  for (const [name, japanese] of Object.entries(names)) {
    for (const table of ['farm', 'field', 'zone', 'pump', 'device', 'product'] as const)
      await state.updateTable(table).set({ name: japanese }).where('name', '=', name).execute()
    await state.updateTable('season').set({ variety: japanese }).where('variety', '=', name).execute()
  }
}
