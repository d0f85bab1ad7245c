import type { Basis } from "../rule";

/** What the rules rest on. Each has a sentence in our words, a link that leads to the source, and the source's date. */

const of =
  (kind: Basis["kind"]) =>
  (text: string, link: string, date: string): Basis => ({ kind, text, link, date });
const law = of("law");
const guidance = of("guidance");
const demand = of("customer demand");

const gdpr = "https://eur-lex.europa.eu/eli/reg/2016/679/oj";

export const transfers = law(
  "Personal data leave the EEA only on one of the grounds of GDPR chapter V.",
  gdpr,
  "2016-04-27",
);

export const adequacyOfUs = law(
  "The adequacy of the US (decision 2023/1795) stands and is contested: an appeal, C-703/25 P, is pending.",
  "https://eur-lex.europa.eu/eli/C/2025/6610/oj/eng",
  "2025-12-22",
);

export const dataCentres = law(
  "Since 2025-01-01, who runs a data centre in Norway registers it with Nkom before it opens.",
  "https://nkom.no/datasenter/datasenterveileder",
  "2025-01-01",
);

export const securityOfProcessing = law(
  "GDPR article 32 asks for confidentiality, and that data can be restored in time.",
  gdpr,
  "2016-04-27",
);

export const inNorway = demand(
  "No law asks it of all data; customers ask that theirs stay in Norway.",
  "docs/residency.md",
  "2026-11-20",
);

export const foreignReach = guidance(
  "Datatilsynet: data in the EEA may still be handed out where the provider is under a third country's law.",
  "https://www.datatilsynet.no/rettigheter-og-plikter/virksomhetenes-plikter/overforing-av-personopplysninger-ut-av-eos/personopplysninger-utelukkende-behandlet-i-eos/",
  "2026-11-20",
);

export const remoteAccess = guidance(
  "Datatilsynet: using support services from a third country is a transfer.",
  "https://www.datatilsynet.no/rettigheter-og-plikter/virksomhetenes-plikter/overforing-av-personopplysninger-ut-av-eos/tilleggskrav-til-overforingsgrunnlag-schrems-ii/",
  "2026-11-20",
);

export const keysAtHome = guidance(
  "EDPB 01/2020: encryption protects a stored copy where only the exporter, or somebody in the EEA, has the key.",
  "https://www.edpb.europa.eu/our-work-tools/our-documents/recommendations/recommendations-012020-measures-supplement-transfer_en",
  "2021-06-18",
);

export const security = law(
  "Information classified under the Norwegian security act is kept only on systems approved for it.",
  "https://nsm.no/regelverk-og-hjelp/rad-og-anbefalinger/sporsmal-saerskilt-relatert-til-sikkerhetsloven/",
  "2026-11-20",
);

export const archives = law(
  "Arkivlova § 11 sets conditions for public archives outside Norway; counsel says which apply.",
  "https://www.nkrf.no/nyheter/2025/06/20/ny-arkivlov-trer-i-kraft-1-januar-2026",
  "2025-06-20",
);

export const nationalControl = guidance(
  "NSM names six factors of national control over IT services.",
  "https://nsm.no/regelverk-og-hjelp/rapporter/faktorer-for-kontroll/",
  "2026-11-20",
);
