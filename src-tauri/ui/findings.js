// How findings look: verdicts, values, evidence, reasons. Pure drawing: no requests.

import { make } from "./dom.js";
import { VERDICTS, WARNINGS, label, reason, show } from "./words.js";

// What a technician compares with the box and the settings first; the rest is behind "All identifiers".
const IDENTITY_FIRST = ["serial", "imei", "imei2", "os_version", "build", "model_number", "capacity_bytes", "security_patch"];
const NOT_IDENTITY = ["device_id", "platform", "state", "connection", "name", "marketing_name", "unknown"];

/** better: sentences for this very answer, in place of the general ones. */
export function warnings(result, better = {}) {
  if (result.warnings.length === 0) return null;
  return make("ul", { class: "warnings" }, result.warnings.map((code) => make("li", { "data-warning": code }, better[code] ?? WARNINGS[code] ?? code)));
}

export function verdicts(data) {
  const named = Object.entries(VERDICTS).map(([name, words]) => [name, words, data.findings[name]]);
  const applies = ([, , finding]) => finding.reason !== "not_applicable";
  const others = named.filter((entry) => !applies(entry));
  return make(
    "div",
    { class: "verdicts" },
    named.filter(applies).map(([name, words, finding]) => tile(name, words, finding)),
    others.length === 0 ? null : make("p", { class: "inapplicable quiet" }, "Does not exist on this kind of phone: ",
      others.map(([name, words], index) => make("span", { "data-verdict": name, "data-value": "null" }, index > 0 ? ", " : "", words.title))),
  );
}

/** Three answers, three shapes and words; null is never dressed as a no. */
function tile(name, words, finding) {
  const [look, mark, said] =
    finding.value === true ? ["bad", "!", words.yes]
    : finding.value === false ? ["good", "✓", words.no]
    : ["unknown", "?", "Not determined"];
  return make(
    "article",
    { class: `verdict ${look}`, "data-verdict": name, "data-value": String(finding.value) },
    make("span", { class: "mark", "aria-hidden": "true" }, mark),
    make("h3", {}, words.title),
    make("p", { class: "said" }, said),
    finding.value === null ? make("p", { class: "why" }, `Because ${reason(finding.reason)}.`) : null,
    finding.spoofable ? make("p", { class: "why" }, "The evidence may be forged.") : null,
    evidence(finding),
  );
}

function evidence(finding) {
  if (finding.evidence.length === 0) return null;
  const rows = finding.evidence.map((item) =>
    make(
      "tr",
      {},
      make("td", {}, make("span", { class: "key" }, item.key), make("span", { class: "source" }, item.source)),
      make("td", {}, item.value === null ? make("em", {}, reason(item.reason)) : show(item.key, item.value)),
    ),
  );
  return make("details", {}, make("summary", {}, "Evidence"), make("table", { class: "evidence" }, make("tbody", {}, rows)));
}

export function identity(device) {
  const named = Object.entries(device).filter(([name, value]) => !NOT_IDENTITY.includes(name) && value !== null);
  const first = IDENTITY_FIRST.flatMap((name) => named.filter(([found]) => found === name));
  const rest = named.filter(([name]) => !IDENTITY_FIRST.includes(name));
  return make(
    "section",
    { class: "card" },
    make("h3", {}, "Identity"),
    values(first),
    rest.length === 0 ? null : make("details", {}, make("summary", {}, "All identifiers"), values(rest)),
  );
}

function values(entries) {
  return make("dl", {}, entries.map(([name, value]) => make("div", {}, make("dt", {}, label(name)), make("dd", {}, show(name, value)))));
}

export function findings(title, all, except) {
  const shown = Object.entries(all).filter(([name, finding]) => !except.includes(name) && finding.reason !== "not_applicable");
  if (shown.length === 0) return null;
  // Single values side by side, groups of values below them over the whole width.
  const [groups, singles] = [true, false].map((wanted) => shown.filter(([, finding]) => isGroup(finding.value) === wanted));
  return make(
    "section",
    { class: "card" },
    make("h3", {}, title),
    make("div", { class: "singles" }, singles.map(([name, finding]) => one(name, finding))),
    groups.map(([name, finding]) => one(name, finding)),
  );
}

const isGroup = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

function one(name, finding) {
  const body = finding.value === null
    ? make("p", { class: "quiet" }, `Not determined: ${reason(finding.reason)}.`)
    : isGroup(finding.value) ? group(finding) : make("p", {}, show(name, finding.value));
  return make("div", { class: "finding", "data-finding": name }, make("h4", {}, label(name)), body, evidence(finding));
}

function group(finding) {
  const known = Object.entries(finding.value).filter(([, value]) => value !== null);
  const unknown = Object.entries(finding.unknown ?? {});
  return [
    values(known),
    unknown.length === 0 ? null : make("details", {}, make("summary", {}, `${unknown.length} not determined`),
      make("ul", { class: "unknown" }, unknown.map(([name, code]) => make("li", {}, `${label(name)}: ${reason(code)}`)))),
  ].filter(Boolean);
}

export function notes(sentences) {
  return sentences.length === 0 ? null : make("ul", { class: "notes" }, sentences.map((sentence) => make("li", {}, sentence)));
}
