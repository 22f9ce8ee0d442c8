// One phone: its verdicts with their reasons and evidence, what else it tells, and the report.

import { inspectBasic, inspectDeep, makeReport, openReport } from "./backend.js";
import { byId, fill, make } from "./dom.js";
import { ownersName } from "./devices.js";
import { CONNECTIONS, PLATFORMS, STATES, VERDICTS, WARNINGS, label, reason, show } from "./words.js";

// What a technician compares with the box and the settings first; the rest is behind "All identifiers".
const IDENTITY_FIRST = ["serial", "imei", "imei2", "os_version", "build", "model_number", "capacity_bytes", "security_patch"];
const NOT_IDENTITY = ["device_id", "platform", "state", "connection", "name", "marketing_name", "unknown"];

// The request under way; its answer is dropped when another phone was chosen meanwhile.
let underWay = null;

export function showNothing() {
  stop();
  fill(byId("inspection"), make("div", { class: "empty" }, make("p", {}, "Choose a phone to see whether it is locked.")));
}

function stop() {
  underWay?.cancel();
  underWay = null;
}

/** Inspect the phone and show what comes: the verdicts at once, the rest when asked for. */
export async function inspect(device) {
  stop();
  const request = { device_id: device.device_id, platform: device.platform };
  const results = {};
  const page = byId("inspection");
  const basic = await run(page, "Asking the phone", (onProgress) => inspectBasic(request, onProgress));
  if (basic === null) return;
  results["inspect.basic"] = basic;
  const deeper = make("div", { id: "deep" });
  const paper = make("div", { id: "report" });
  fill(
    page,
    head(device, basic.data),
    warnings(basic),
    verdicts(basic.data),
    identity(basic.data.device),
    findings("More about the locks", basic.data.findings, Object.keys(VERDICTS)),
    deeper,
    paper,
  );
  const lookDeeper = make("button", { type: "button", id: "look-deeper" }, "Battery, storage and more");
  lookDeeper.addEventListener("click", async () => {
    const deep = await run(deeper, "Looking deeper", (onProgress) => inspectDeep(request, onProgress));
    if (deep === null) return;
    results["inspect.deep"] = deep;
    fill(deeper, warnings(deep), findings("What else the phone tells", deep.data.findings, []), notes(deep.data.notes));
  });
  fill(deeper, lookDeeper);
  offerReport(paper, basic.data.device, results);
}

/** Show progress in `place` while the request runs. The result, or null when it failed or was overtaken. */
async function run(place, words, start) {
  const bar = make("progress", { max: 1 });
  const stage = make("p", { class: "quiet" }, `${words}…`);
  const cancel = make("button", { type: "button" }, "Cancel");
  fill(place, make("div", { class: "running" }, stage, bar, cancel));
  const request = start((step) => {
    stage.textContent = `${words}: ${step.stage}…`;
    if (step.total) bar.value = step.done / step.total;
  });
  underWay = request;
  cancel.addEventListener("click", () => request.cancel());
  try {
    const result = await request.answer;
    return underWay === request ? result : null;
  } catch (problem) {
    if (underWay === request) fill(place, failure(problem));
    return null;
  } finally {
    if (underWay === request) underWay = null;
  }
}

function failure(problem) {
  const title = problem.kind === "cancelled" ? "Cancelled" : problem.message ?? String(problem);
  return make("div", { class: "problem", role: "alert" }, make("strong", {}, title), problem.hint ? make("p", {}, problem.hint) : null);
}

function head(device, data) {
  const name = ownersName(device);
  const kind = data.device.marketing_name ?? data.device.model ?? device.model ?? PLATFORMS[device.platform];
  return make(
    "div",
    { class: "phone-head" },
    make("h2", {}, kind, name && name !== kind ? make("span", { class: "quiet" }, ` “${name}”`) : null),
    make("p", { class: "quiet" }, `${STATES[data.state] ?? data.state} · ${CONNECTIONS[data.connection] ?? data.connection} · seen ${time(data.observed_at)}`),
    data.hint ? make("p", { class: "hint" }, data.hint) : null,
  );
}

function time(text) {
  return new Date(text).toLocaleTimeString("en-GB");
}

function warnings(result) {
  if (result.warnings.length === 0) return null;
  return make("ul", { class: "warnings" }, result.warnings.map((code) => make("li", {}, WARNINGS[code] ?? code)));
}

function verdicts(data) {
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

function identity(device) {
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

function findings(title, all, except) {
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

function notes(sentences) {
  return sentences.length === 0 ? null : make("ul", { class: "notes" }, sentences.map((sentence) => make("li", {}, sentence)));
}

function offerReport(place, device, results) {
  const button = make("button", { type: "button", id: "make-report", class: "primary" }, "Make the report (PDF)");
  button.addEventListener("click", async () => {
    const content = { created_at: now(), device, results: { ...results }, application: { name: "Bobby's Workshop", version: "1.0.0" } };
    const made = await run(place, "Making the report", (onProgress) => makeReport({ format: "pdf", content }, onProgress));
    if (made === null) return;
    const open = make("button", { type: "button", class: "primary" }, "Open");
    const problem = make("p", { class: "quiet", role: "alert" });
    open.addEventListener("click", () => openReport(made.report_id, made.format).catch((error) => { problem.textContent = String(error); }));
    fill(
      place,
      make(
        "div",
        { class: "card", id: "report-made" },
        make("h3", {}, "The report is ready"),
        make("p", {}, `${made.pages} ${made.pages === 1 ? "page" : "pages"}, ${show("bytes", made.size)}`),
        make("p", { class: "quiet path" }, made.path),
        make("p", { class: "quiet path" }, `SHA-256 ${made.sha256}`),
        open,
        problem,
      ),
    );
  });
  fill(place, button);
}

/** RFC 3339 with this computer's offset, as a report wants it. */
function now() {
  const date = new Date();
  const minutes = -date.getTimezoneOffset();
  const two = (number) => String(Math.trunc(Math.abs(number))).padStart(2, "0");
  const local = new Date(date.getTime() + minutes * 60000).toISOString().slice(0, 19);
  return `${local}${minutes < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}
