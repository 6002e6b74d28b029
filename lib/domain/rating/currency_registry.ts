/**
 * ISO 4217 currencies with the minor units of SIX's "list one", not those of `Intl`, which follows
 * daily cash use and differs for a dozen codes (IQD 0 there, 3 in the standard).
 * Source: the iso-codes 4.15 data set (ISO 4217 as of 2023), with the later amendments: ZWG for ZWL
 * (2024), XCG for ANG (2025), and BGN withdrawn for EUR (2026).
 */
export const CURRENCY_REGISTRY_DATE = "2026-01-01";

export interface Currency {
  readonly code: string;
  /** Three digits. */
  readonly numeric: string;
  /** Decimal places; null where the standard prints "N.A." (metals, test codes). */
  readonly minorUnits: 0 | 2 | 3 | 4 | null;
  readonly status: "active" | "withdrawn";
}

/** Null for a code that was never assigned. */
export function currency(code: string): Currency | null {
  return CURRENCIES.get(code) ?? null;
}

/** Codes in order of the alphabet. */
export function currencies(): readonly Currency[] {
  return [...CURRENCIES.values()].sort((a, b) => a.code < b.code ? -1 : 1);
}

const TWO_DECIMALS =
  "AED784 AFN971 ALL008 AMD051 AOA973 ARS032 AUD036 AWG533 AZN944 BAM977 BBD052 BDT050 " +
  "BMD060 BND096 BOB068 BOV984 BRL986 BSD044 BTN064 BWP072 BYN933 BZD084 CAD124 CDF976 " +
  "CHE947 CHF756 CHW948 CNY156 COP170 COU970 CRC188 CUP192 CVE132 CZK203 DKK208 DOP214 " +
  "DZD012 EGP818 ERN232 ETB230 EUR978 FJD242 FKP238 GBP826 GEL981 GHS936 GIP292 GMD270 " +
  "GTQ320 GYD328 HKD344 HNL340 HTG332 HUF348 IDR360 ILS376 INR356 IRR364 JMD388 KES404 " +
  "KGS417 KHR116 KPW408 KYD136 KZT398 LAK418 LBP422 LKR144 LRD430 LSL426 MAD504 MDL498 " +
  "MGA969 MKD807 MMK104 MNT496 MOP446 MRU929 MUR480 MVR462 MWK454 MXN484 MXV979 MYR458 " +
  "MZN943 NAD516 NGN566 NIO558 NOK578 NPR524 NZD554 PAB590 PEN604 PGK598 PHP608 PKR586 " +
  "PLN985 QAR634 RON946 RSD941 RUB643 SAR682 SBD090 SCR690 SDG938 SEK752 SGD702 SHP654 " +
  "SLE925 SOS706 SRD968 SSP728 STN930 SVC222 SYP760 SZL748 THB764 TJS972 TMT934 TOP776 " +
  "TRY949 TTD780 TWD901 TZS834 UAH980 USD840 USN997 UYU858 UZS860 VED926 VES928 WST882 " +
  "XCD951 XCG532 YER886 ZAR710 ZMW967 ZWG924";

const NO_DECIMALS =
  "BIF108 CLP152 DJF262 GNF324 ISK352 JPY392 KMF174 KRW410 PYG600 RWF646 UGX800 UYI940 " +
  "VND704 VUV548 XAF950 XOF952 XPF953";

const THREE_DECIMALS = "BHD048 IQD368 JOD400 KWD414 LYD434 OMR512 TND788";

const FOUR_DECIMALS = "CLF990 UYW927";

const NO_MINOR_UNIT =
  "XAG961 XAU959 XBA955 XBB956 XBC957 XBD958 XDR960 XPD964 XPT962 XSU994 XTS963 " +
  "XUA965 XXX999";

/** Replaced currencies that old instruments still name; not the whole of "list three". */
const WITHDRAWN =
  "ATS040 BEF056 DEM276 ESP724 FIM246 FRF250 GRD300 IEP372 ITL380 LUF442 NLG528 PTE620 " +
  "SIT705 SKK703 MTL470 CYP196 EEK233 LVL428 LTL440 TRL792 ROL642 VEF937 VEB862 MRO478 " +
  "STD678 BYR974 ZMK894 GHC288 MZM508 SDD736 TMM795 AZM031 AFA004 BGL100 PLZ616 CSD891 " +
  "RUR810 ZWD716 ZWN942 ZWR935 YUM891 USS998 HRK191 SLL694 CUC931 ZWL932 ANG532 BGN975";

const CURRENCIES: ReadonlyMap<string, Currency> = new Map([
  ...parse(WITHDRAWN, { minorUnits: 2, status: "withdrawn" }),
  ...parse(TWO_DECIMALS, { minorUnits: 2, status: "active" }),
  ...parse(NO_DECIMALS, { minorUnits: 0, status: "active" }),
  ...parse(THREE_DECIMALS, { minorUnits: 3, status: "active" }),
  ...parse(FOUR_DECIMALS, { minorUnits: 4, status: "active" }),
  ...parse(NO_MINOR_UNIT, { minorUnits: null, status: "active" }),
]);

function parse(
  table: string,
  common: Pick<Currency, "minorUnits" | "status">,
): [string, Currency][] {
  return table.split(" ").map((entry) => {
    const code = entry.slice(0, 3);
    return [code, { code, numeric: entry.slice(3), ...common }];
  });
}
