/**
 * Markets of ISO 10383, a subset: the operating MICs of the main exchanges and trading venues, and
 * the segments met most often. Source: the ISO 10383 list, checked against its edition of August
 * 2016, with the later changes at Cboe and the venues opened since (MEMX, LTSE, BIVA, AIMX). An
 * absent code is "not in this subset", never "does not exist".
 */
export const MIC_REGISTRY_DATE = "2016-08-31";

export interface Mic {
  readonly code: string;
  /** The code itself for an operating MIC. */
  readonly operatingCode: string;
  readonly kind: "operating" | "segment";
  /** ISO 3166 alpha-2. */
  readonly country: string;
}

/** Null for a code outside the subset. */
export function mic(code: string): Mic | null {
  return MICS.get(code) ?? null;
}

export function mics(): readonly Mic[] {
  return [...MICS.values()];
}

/** Well-formed: four letters or digits. Said apart from membership, for MICs have no check digit. */
export function isMicForm(code: string): boolean {
  return /^[A-Z0-9]{4}$/.test(code);
}

/** country:operating MICs */
const OPERATING =
  "US:XNAS XNYS XCBO XCME XCBT XNYM XCHI IEXG MEMX LTSE MIHI OTCM FINR IFUS|CA:XTSE XTSX XCNQ " +
  "XMOD NEOE XICX|MX:XMEX BIVA|BR:BVMF|AR:XBUE|CL:XSGO|CO:XBOG|PE:XLIM|GB:XLON XLME IFEU AQXE " +
  "TRQX|IE:XDUB|FR:XPAR|NL:XAMS|BE:XBRU|PT:XLIS|DE:XFRA XEUR XSTU XMUN XDUS XHAM XHAN XBER " +
  "XEEE TGAT|CH:XSWX XBRN|AT:XWBO|LU:XLUX|IT:XMIL ETLX|ES:BMEX|SE:XSTO XNGM|DK:XCSE|FI:XHEL|" +
  "NO:XOSL|IS:XICE|EE:XTAL|LV:XRIS|LT:XLIT|PL:XWAR|CZ:XPRA|HU:XBUD|RO:XBSE|BG:XBUL|SI:XLJU|" +
  "HR:XZAG|RS:XBEL|SK:XBRA|GR:ASEX|CY:XCYS|MT:XMAL|TR:XIST|RU:MISX|UA:PFTS|KZ:XKAZ|IL:XTAE|" +
  "SA:XSAU|AE:XDFM XADS DIFX|QA:DSMD|KW:XKUW|BH:XBAH|OM:XMUS|JO:XAMM|EG:XCAI|ZA:XJSE|NG:XNSA|" +
  "KE:XNAI|MA:XCAS|TN:XTUN|MU:XMAU|BW:XBOT|GH:XGHA|IN:XNSE XBOM MCXX|PK:XKAR|LK:XCOL|BD:XDHA " +
  "XCHG|NP:XNEP|CN:XSHG XSHE XSGE XDCE XZCE CCFX|HK:XHKG XHKF|TW:XTAI ROCO XTAF|JP:XJPX XNGO " +
  "XSAP XFKA XTFF|KR:XKRX|SG:XSES|MY:XKLS|TH:XBKK|ID:XIDX|PH:XPHS|VN:XSTC HSTC|AU:XASX XNEC " +
  "CHIA|NZ:XNZE";

/** operating MIC:country:segments */
const SEGMENTS =
  "XNAS:US:XNGS XNMS XNCM XNDQ XBOS XPHL|XNYS:US:ARCX XASE AMXO ARCO|XNYM:US:XCEC|XCBO:US:C2OX " +
  "BATS BATY EDGX EDGA BATO|XCME:US:GLBX FCME|OTCM:US:PINX OTCQ OTCB PSGM|XLON:GB:AIMX|" +
  "XPAR:FR:ALXP XMLI XMON|XBRU:BE:ALXB MLXB|XLIS:PT:ALXL ENXL|XDUB:IE:XESM XMSM|XFRA:DE:XETR " +
  "XETA XETB FRAA FRAB|TGAT:DE:XGAT|XMIL:IT:MTAA ETFP MOTX|BMEX:ES:XMAD XBAR XBIL XVAL XMRV " +
  "MABX|XSTO:SE:FNSE|ASEX:GR:XATH|XHKG:HK:XGEM|XJSE:ZA:ALTX|XJPX:JP:XTKS|XKRX:KR:XKOS|" +
  "HSTC:VN:XHNX";

const MICS: ReadonlyMap<string, Mic> = new Map([...operatingMics(), ...segmentMics()]);

function operatingMics(): [string, Mic][] {
  return OPERATING.split("|").flatMap((group) => {
    const [country = "", codes = ""] = group.split(":");
    return codes.split(" ").map((code): [string, Mic] => [
      code,
      { code, operatingCode: code, kind: "operating", country },
    ]);
  });
}

function segmentMics(): [string, Mic][] {
  return SEGMENTS.split("|").flatMap((group) => {
    const [operatingCode = "", country = "", codes = ""] = group.split(":");
    return codes.split(" ").map((code): [string, Mic] => [
      code,
      { code, operatingCode, kind: "segment", country },
    ]);
  });
}
