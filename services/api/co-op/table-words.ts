/** The vocabulary of members tables, in English or Japanese, as offices write it. */

/**
 * The columns with all their headings (NFKC, lower case, without blanks and brackets); land_type and point_*
 * are those of 筆ポリゴン.
 */
export const columnHeads = {
  memberCode: ['membercode', 'code', '組合員コード', '組合員番号'],
  member: ['member', 'membername', 'farm', '組合員', '組合員名', '氏名', '農家名'],
  jaCode: ['jacode', '農協コード', 'jaコード'],
  field: ['field', 'fieldname', '圃場', 'ほ場', '圃場名', 'ほ場名'],
  areaA: ['areaa', '面積a', '面積アール'],
  areaHa: ['areaha', '面積ha'],
  areaM2: ['aream2', '面積m2', '面積平方メートル'],
  kind: ['kind', 'landtype', '地目', '種別'],
  crop: ['crop', '作物'],
  variety: ['variety', '品種'],
  planted: ['planted', 'planting', 'transplanted', 'sown', '植付日', '移植日', '田植え日', '播種日'],
  soil: ['soil', 'soiltexture', '土性'],
  latitude: ['latitude', 'lat', 'pointlat', '緯度'],
  longitude: ['longitude', 'lon', 'pointlng', '経度'],
  shape: ['shape', '形状'],
  seesYield: ['sharesyield', '収量の共有', '収量共有'],
  seesWater: ['shareswater', '水の共有', '水利用共有'],
  seesSprays: ['sharessprays', '防除の共有', '防除共有'],
  isNamed: ['sharesname', '氏名の共有', '氏名共有'],
  signedDocumentRef: ['consentpaper', '同意書'],
} as const
export type Column = keyof typeof columnHeads

/** The column of a heading; null: unknown. */
export function findColumn(head: string): Column | null {
  const plain = head
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s()[\]_.·・-]/g, '')
  for (const [column, heads] of Object.entries(columnHeads) as [Column, readonly string[]][])
    if (heads.includes(plain)) return column
  return null
}

export const fieldKinds: Record<string, 'upland' | 'paddy'> = {
  upland: 'upland',
  field: 'upland',
  畑: 'upland',
  paddy: 'paddy',
  田: 'paddy',
  水田: 'paddy',
  // land_type of 筆ポリゴン
  100: 'paddy',
  200: 'upland',
}

export const yesNoWords: Record<string, boolean> = {
  yes: true,
  y: true,
  true: true,
  1: true,
  はい: true,
  可: true,
  '○': true,
  〇: true,
  する: true,
  no: false,
  n: false,
  false: false,
  0: false,
  いいえ: false,
  不可: false,
  '×': false,
  しない: false,
}

/** Japanese crop names by id; the dashboard has the same names (a test compares them). */
export const cropNames: Record<string, string> = {
  水稲: 'rice',
  稲: 'rice',
  大豆: 'soybean',
  トウモロコシ: 'maize',
  トマト: 'tomato',
  リンゴ: 'apple',
  綿: 'cotton',
  小麦: 'wheat',
  秋まき小麦: 'winter-wheat',
  ジャガイモ: 'potato',
  ブドウ: 'grape',
  たまねぎ: 'onion',
  キャベツ: 'cabbage',
  にんじん: 'carrot',
  レタス: 'lettuce',
  だいこん: 'radish',
  きゅうり: 'cucumber',
  なす: 'eggplant',
  かぼちゃ: 'pumpkin',
  いちご: 'strawberry',
  大麦: 'barley',
}

export const soilNames: Record<string, string> = {
  埴土: 'clay',
  埴壌土: 'clay-loam',
  壌土: 'loam',
  壌質砂土: 'loamy-sand',
  砂土: 'sand',
  砂質埴土: 'sandy-clay',
  砂質埴壌土: 'sandy-clay-loam',
  砂壌土: 'sandy-loam',
  シルト土: 'silt',
  シルト質壌土: 'silt-loam',
}
