import type { Basis } from "../rule";

/** What the rules rest on. Each text is ours; the link leads to the source. */

export const transfers: Basis = {
  kind: "law",
  text: "Personal data leave the EEA only on one of the grounds of GDPR chapter V.",
  link: "https://eur-lex.europa.eu/eli/reg/2016/679/oj",
  date: "2016-04-27",
};

export const adequacyOfUs: Basis = {
  kind: "law",
  text: "The adequacy of the US (decision 2023/1795) stands and is contested: an appeal, C-703/25 P, is pending.",
  link: "https://eur-lex.europa.eu/eli/C/2025/6610/oj/eng",
  date: "2025-12-22",
};

export const dataCentres: Basis = {
  kind: "law",
  text: "Since 2025-01-01, who runs a data centre in Norway registers it with Nkom before it opens.",
  link: "https://nkom.no/datasenter/datasenterveileder",
  date: "2025-01-01",
};

export const securityOfProcessing: Basis = {
  kind: "law",
  text: "GDPR article 32 asks for confidentiality, and that data can be restored in time.",
  link: "https://eur-lex.europa.eu/eli/reg/2016/679/oj",
  date: "2016-04-27",
};

export const inNorway: Basis = {
  kind: "customer demand",
  text: "No law asks it of all data; customers ask that theirs stay in Norway.",
  link: "docs/residency.md",
  date: "2026-11-20",
};

export const foreignReach: Basis = {
  kind: "guidance",
  text: "Datatilsynet: data in the EEA may still be handed out where the provider is under a third country's law.",
  link: "https://www.datatilsynet.no/rettigheter-og-plikter/virksomhetenes-plikter/overforing-av-personopplysninger-ut-av-eos/personopplysninger-utelukkende-behandlet-i-eos/",
  date: "2026-11-20",
};

export const remoteAccess: Basis = {
  kind: "guidance",
  text: "Datatilsynet: using support services from a third country is a transfer.",
  link: "https://www.datatilsynet.no/rettigheter-og-plikter/virksomhetenes-plikter/overforing-av-personopplysninger-ut-av-eos/tilleggskrav-til-overforingsgrunnlag-schrems-ii/",
  date: "2026-11-20",
};

export const keysAtHome: Basis = {
  kind: "guidance",
  text: "EDPB 01/2020: encryption protects a stored copy where only the exporter, or somebody in the EEA, has the key.",
  link: "https://www.edpb.europa.eu/our-work-tools/our-documents/recommendations/recommendations-012020-measures-supplement-transfer_en",
  date: "2021-06-18",
};

export const security: Basis = {
  kind: "law",
  text: "Information graded under the Norwegian security act is kept only on systems approved for it.",
  link: "https://nsm.no/regelverk-og-hjelp/rad-og-anbefalinger/sporsmal-saerskilt-relatert-til-sikkerhetsloven/",
  date: "2026-11-20",
};

export const archives: Basis = {
  kind: "law",
  text: "Arkivlova § 11 sets conditions for public archives outside Norway; counsel says which apply.",
  link: "https://www.nkrf.no/nyheter/2025/06/20/ny-arkivlov-trer-i-kraft-1-januar-2026",
  date: "2025-06-20",
};

export const nationalControl: Basis = {
  kind: "guidance",
  text: "NSM names six factors of national control over IT services.",
  link: "https://nsm.no/regelverk-og-hjelp/rapporter/faktorer-for-kontroll/",
  date: "2026-11-20",
};
