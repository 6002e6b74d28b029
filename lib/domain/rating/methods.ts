/** How one family of numbers is made: what `/v1/methods` answers. */
export interface Method {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  /** Fields of the response that it makes. */
  readonly fields: readonly string[];
  readonly formula: string;
  readonly source: string;
  /**
   * `published`: the source prints the formula. `recalled`: known from the source, whose text could
   * not be compared. `own`: our choice, no authority behind it.
   */
  readonly standing: "published" | "recalled" | "own";
  readonly notes: readonly string[];
}

export function method(id: string): Method | null {
  return METHODS.find((candidate) => candidate.id === id) ?? null;
}

const PRIIPS = "Delegated Regulation (EU) 2017/653, Annex II, consolidated 2023-01-01";

export const METHODS: readonly Method[] = [
  {
    id: "priips.cat2@2023-01",
    version: "1",
    title: "Summary risk indicator from value-at-risk equivalent volatility",
    fields: ["risk_score.sri", "risk_score.mrm", "risk_score.vev"],
    formula:
      "VaR = s*sqrt(N)*(-1.96 + 0.474*m3/sqrt(N) - 0.0687*m4/N + 0.146*m3^2/N) - 0.5*s^2*N; " +
      "VEV = (sqrt(3.842 - 2*VaR) - 1.96)/sqrt(T); N = 256 T daily, 52 T weekly, 12 T monthly",
    source: `${PRIIPS}, points 9 to 13 and 52`,
    standing: "published",
    notes: [
      "Moments use the population divisor over at most five years of log returns",
      "Monthly prices raise the market risk class by one",
      "At least 504 daily, 208 weekly or 60 monthly returns; the daily count is our reading of two years",
      "Without a recommended holding period, one year is used",
    ],
  },
  {
    id: "priips.cat1@2023-01",
    version: "1",
    title: "Market risk class 7 for derivatives",
    fields: ["risk_score.sri", "risk_score.mrm"],
    formula: "MRM = 7",
    source: `${PRIIPS}, points 4 and 8`,
    standing: "recalled",
    notes: ["Applies to options and futures unless the terms name another category"],
  },
  {
    id: "priips.crm@2023-01",
    version: "1",
    title: "Credit risk measure",
    fields: ["risk_score.crm"],
    formula: "CRM = max(1, credit quality step adjusted for years to maturity)",
    source: `${PRIIPS}, points 42 to 46`,
    standing: "recalled",
    notes: [
      "Steps by maturity: up to 1 year 0 1 1 2 3 4 6, up to 12 years 0 1 2 3 4 5 6, longer 0 1 2 3 5 6 6",
      "An obligor without an assessment counts as step 5",
    ],
  },
  {
    id: "score_100",
    version: "1",
    title: "Score from 0 to 100, for display",
    fields: ["risk_score.score_100"],
    formula: "(sri - 1 + f)*100/7, f the position of the VEV within its class (logarithmic)",
    source: "Clawmeter",
    standing: "own",
    notes: [],
  },
  {
    id: "srri.cesr10-673",
    version: "1",
    title: "UCITS synthetic risk and reward indicator",
    fields: ["risk_score.srri"],
    formula:
      "sqrt(52/(T-1) * sum((r - mean)^2)) over T = 260 simple weekly returns; 12 and 60 monthly",
    source: "CESR/10-673",
    standing: "published",
    notes: [
      "The raw class: the four months of persistence that the guideline asks for are not applied",
    ],
  },
  {
    id: "ewma.riskmetrics1996",
    version: "1",
    title: "Exponentially weighted volatility",
    fields: ["risk_score.volatility_ewma"],
    formula:
      "v[t] = L*v[t-1] + (1-L)*r[t]^2, v[0] = r[1]^2; L = 0.94, monthly 0.97; times sqrt(252)",
    source: "RiskMetrics, Technical Document, 4th edition, 1996",
    standing: "published",
    notes: ["At least 75 returns, our choice; weekly returns use 0.94, our choice"],
  },
  {
    id: "volatility.sample",
    version: "1",
    title: "Annualised volatility",
    fields: ["risk_score.volatility_annual"],
    formula: "sample deviation of log returns * sqrt(252), 52 or 12",
    source: "Textbook",
    standing: "published",
    notes: [],
  },
  {
    id: "var.historical",
    version: "1",
    title: "Historical value at risk and expected shortfall",
    fields: ["risk_score.var.historical", "risk_score.es.historical"],
    formula:
      "VaR = -x[k], k = ceil(n*p) of ascending returns; ES = mean of the worst n*p, the last one " +
      "in part",
    source: "Hull, Risk Management and Financial Institutions; Acerbi and Tasche 2002",
    standing: "published",
    notes: [
      "n*p is counted in whole basis points",
      "parameters.quantile = type7 interpolates instead (Hyndman and Fan)",
      "At least 250 returns, our choice",
    ],
  },
  {
    id: "var.parametric",
    version: "1",
    title: "Parametric value at risk and expected shortfall",
    fields: ["risk_score.var.parametric", "risk_score.es.parametric"],
    formula: "VaR = z*sigma*sqrt(h); ES = sigma*sqrt(h)*density(z)/(1-confidence); sigma by EWMA",
    source: "RiskMetrics, Technical Document, 4th edition, 1996",
    standing: "published",
    notes: [],
  },
  {
    id: "var.cornish_fisher",
    version: "1",
    title: "Modified value at risk",
    fields: ["risk_score.var.cornish_fisher"],
    formula: "z' = z + (z^2-1)S/6 + (z^3-3z)K/24 - (2z^3-5z)S^2/36; VaR = -(mean + sigma*z')",
    source: "Cornish and Fisher 1937; domain after Maillard 2012",
    standing: "recalled",
    notes: [
      "Where z' does not rise with z between -|z| and |z|, the historical figure stands in, with the warning CF_DOMAIN",
    ],
  },
  {
    id: "drawdown.max",
    version: "1",
    title: "Maximum drawdown",
    fields: ["risk_score.max_drawdown"],
    formula: "min over t of V[t] / max(V[s], s <= t) - 1",
    source: "Textbook",
    standing: "published",
    notes: [],
  },
  {
    id: "beta.ols",
    version: "1",
    title: "Beta",
    fields: ["risk_score.beta"],
    formula: "cov(r, b)/var(b) over log returns between days that both series have",
    source: "Textbook",
    standing: "published",
    notes: ["At least 60 pairs, our choice"],
  },
  {
    id: "liquidity.amihud",
    version: "1",
    title: "Liquidity",
    fields: ["risk_score.liquidity", "price_feed.spread_bps"],
    formula:
      "spread = 10000*(ask-bid)/mid; ADV = mean volume of 20 days; Amihud = mean(|r|/traded value)",
    source: "Amihud 2002",
    standing: "recalled",
    notes: ["The 20 days are our choice"],
  },
  {
    id: "bond.street",
    version: "1",
    title: "Bond analytics, street convention",
    fields: ["bond_analytics"],
    formula: "dirty = sum CF[k]/(1+y/f)^(w+k); simple interest in the last coupon period",
    source: "SIA Standard Securities Calculation Methods",
    standing: "recalled",
    notes: ["Coupons fall on unadjusted days; odd first coupons are refused"],
  },
  {
    id: "bond.icma",
    version: "1",
    title: "Bond analytics, ICMA and UK DMO convention",
    fields: ["bond_analytics"],
    formula: "dirty = sum CF[k]/(1+y/f)^(w+k), compound throughout",
    source: "UK DMO, Formulae for Calculating Gilt Prices from Yields",
    standing: "published",
    notes: [],
  },
  {
    id: "bond.ust_31cfr356",
    version: "1",
    title: "Bond analytics, US Treasury convention",
    fields: ["bond_analytics"],
    formula: "dirty*(1 + w*y/f) = sum CF[k]/(1+y/f)^k",
    source: "31 CFR 356 Appendix B, section II",
    standing: "published",
    notes: [],
  },
  {
    id: "bond.bill_31cfr356",
    version: "1",
    title: "Treasury bill",
    fields: ["bond_analytics"],
    formula:
      "P = 100(1 - d*r/360); yield (100-P)/P*y/r up to half a year, else the quadratic's root",
    source: "31 CFR 356 Appendix B, section VI",
    standing: "published",
    notes: [],
  },
  {
    id: "option.black_scholes_merton",
    version: "1",
    title: "European option, price and Greeks",
    fields: ["greeks"],
    formula: "w*(S e^(-qT) N(w d1) - K e^(-rT) N(w d2)); d1 = (ln(S/K) + (r-q+v^2/2)T)/(v sqrt(T))",
    source: "Black and Scholes 1973; Merton 1973",
    standing: "published",
    notes: ["vega and rho per 1.00, theta per year, theta_per_day theta/365; T is ACT/365F"],
  },
  {
    id: "option.black_76",
    version: "1",
    title: "European option on a forward",
    fields: ["greeks"],
    formula: "w e^(-rT) (F N(w d1) - K N(w d2))",
    source: "Black 1976",
    standing: "published",
    notes: [],
  },
  {
    id: "option.implied_volatility",
    version: "1",
    title: "Implied volatility",
    fields: ["greeks.implied_volatility"],
    formula: "the v in [1e-6, 5] at which the model gives the price, to 1e-12",
    source: "Newton within a bracket; start after Manaster and Koehler 1982",
    standing: "published",
    notes: ["A price at or beyond the no-arbitrage bounds is refused"],
  },
  {
    id: "screening.names",
    version: "1",
    title: "Name matching",
    fields: ["screening", "compliance"],
    formula: "max(JaroWinkler(full, full), mean over query tokens of the best JaroWinkler)",
    source: "OFAC FAQ 246, 247 and 249; Winkler 1990",
    standing: "published",
    notes: [
      "Compared only with names that share a token, its first three letters or its Soundex",
      "Hits from 0.85; certain from 0.95: our choice. Scores are not those of OFAC's own search",
    ],
  },
  {
    id: "compliance.rules",
    version: "1",
    title: "Compliance flags",
    fields: ["compliance"],
    formula: "each flag names its rule, rule version, observed value and threshold",
    source:
      "RTS 11 (EU) 2017/588; SEC Rule 201 (34-61595); LULD, 83 FR 66464; ISO 4217, 6166, 10383, 17442",
    standing: "recalled",
    notes: [
      "Default thresholds are our choice; parameters.policy sets others",
      "An unknown input is never a pass",
    ],
  },
];
