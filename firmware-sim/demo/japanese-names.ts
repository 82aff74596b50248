/**
 * The names of the demonstration in Japanese: of people, farms, fields, pumps, devices, varieties and products, and the words
 * of its diary.
 */
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
  'Sato Kenji': '佐藤 健二',
  'Mori Noboru': '森 昇',
  'Takahashi Minoru': '高橋 実',
  'Ito Makoto': '伊藤 誠',
  'tractor, rotary 1.8 m': 'トラクター（ロータリー1.8 m）',
  'tractor, rotary 1.6 m': 'トラクター（ロータリー1.6 m）',
  'tractor, drive harrow': 'トラクター（ドライブハロー）',
  'transplanter, 6 rows': '6条田植機',
  'riding mower': '乗用草刈機',
  'brush cutter': '刈払機',
  ditcher: '溝切機',
  broadcast: '全面散布',
  'with the drip': '点滴かん水と同時に',
  'between the rows, earthed up': '条間に施し、培土',
  'beside the rows': '条の脇に',
  '50 hills a tsubo': '坪50株',
  '60 hills a tsubo': '坪60株',
  'a ditch every 8 rows, before the mid-season drainage': '中干しの前に8条ごとに溝切り',
  '18 days before heading': '出穂18日前',
  'bunds, before the stink bugs come': '畦畔、カメムシが来る前に',
  'bunds, a second time': '畦畔、2回目',
  'thinned: one fruit to four clusters': '摘果、4頂芽に1果',
  'Basal compound 14-14-14': '基肥化成 14-14-14',
  'Bean compound 3-10-10': '豆化成 3-10-10',
  Urea: '尿素',
  'Rapeseed cake': '菜種油かす',
  'Cattle compost': '牛ふん堆肥',
  'Magnesium lime': '苦土石灰',
  'Packing house': '選果場',
  'JA Shinano Hills': 'JA信濃の丘',
  'Weighbridge 2': 'トラックスケール2号',
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
