// The logs of one phone: which are wanted, and what was found in them. The files stay where the worker put them.

import { collectLogs, showLogs } from "./backend.js";
import { fill, make } from "./dom.js";
import { warnings } from "./findings.js";
import { run } from "./request.js";
import { KEPT_BECAUSE, LEVELS, LISTEN_MS, LOG_SOURCES, SCOPES, SOURCE_ENDS, TRIAGE, counted, label, moment, reason, show } from "./words.js";

// What endangers the phone or its data, what only one app suffers from, and what is good to know.
// An iPhone's watchdog ends an app; Android's ends the system.
const GRAVE = { ios: ["panic", "kernel_panic"], android: ["kernel_panic", "watchdog", "system_crash"] };
const PLAIN = ["last_reboot_reason", "reboot", "tombstones"];
const FIRST_FOUND = 6; // as many as fit beside the rest; the gravest come first

/** results: by method, as the report takes them; what is collected is put there. */
export function offerLogs(place, device, results) {
  const outcome = make("div", { id: "logs-outcome", class: "outcome" });
  const form = make("form", { id: "logs-form" });
  const wanted = make("fieldset", {}, scopes(), device.platform === "ios" ? listening() : null, make("button", { id: "collect-logs" }, "Collect logs"));
  const collect = async () => {
    const chosen = new FormData(form);
    const request = { device_id: device.device_id, platform: device.platform, scope: chosen.get("scope") };
    const listens = chosen.has("duration_ms") && request.scope !== "crash";
    if (listens) request.duration_ms = Number(chosen.get("duration_ms"));
    // With the log alone there is nothing to wait for but this; whoever makes the fault happen wants to know how long.
    const words = listens && request.scope === "system" ? `Listening for ${new Map(LISTEN_MS).get(request.duration_ms)}` : "Collecting";
    wanted.disabled = true;
    const collected = await run(outcome, words, (onProgress) => collectLogs(request, onProgress), collect);
    wanted.disabled = false;
    if (collected === null) return;
    results["logs.collect"] = collected.answer;
    fill(outcome, found(collected));
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); collect(); });
  // Crash reports alone need no listening.
  form.addEventListener("change", () => { for (const part of form.querySelectorAll(".listening")) part.hidden = new FormData(form).get("scope") === "crash"; });
  form.append(wanted);
  fill(place, make("section", { class: "card", id: "logs-card" }, make("h3", {}, "Logs and crash reports"), form, outcome));
}

function scopes() {
  return make("div", { class: "scopes", role: "radiogroup", "aria-label": "What to collect" }, Object.entries(SCOPES).map(([name, words], index) =>
    make("label", { class: "scope" },
      make("input", { type: "radio", name: "scope", value: name, checked: index === 0 }),
      make("span", { class: "scope-title" }, words.title),
      make("span", { class: "scope-text" }, words.text))));
}

function listening() {
  return make("div", { class: "listening" },
    make("label", {}, "Listen for ", make("select", { name: "duration_ms", id: "duration" },
      LISTEN_MS.map(([milliseconds, words]) => make("option", { value: milliseconds }, words)))),
    make("p", { class: "quiet" }, "An iPhone's log can only be listened to. Let the fault happen meanwhile."));
}

function found({ answer, path, last_lines: lines }) {
  const { data } = answer;
  const [first, more] = [data.triage.slice(0, FIRST_FOUND), data.triage.slice(FIRST_FOUND)];
  return [
    make("div", { class: "found-head" }, make("h4", { id: "logs-count" }, counted(data.log_count, "entry", "entries")), make("p", { class: "quiet" }, summary(data))),
    levels(data),
    warnings(answer, data.truncated ? { truncated: `Not everything was kept: ${KEPT_BECAUSE[data.truncated_because] ?? reason(data.truncated_because)}.` } : {}),
    data.triage.length === 0
      ? make("p", { id: "logs-triage" }, data.scope === "system" ? "Nothing in this log points to a crash or a restart." : "No crash, hang or restart was found in what was read.")
      : make("ul", { id: "logs-triage", class: "triage" }, first.map((item) => triage(item, data))),
    more.length === 0 ? null : make("details", {}, make("summary", {}, `${more.length} more`), make("ul", { class: "triage" }, more.map((item) => triage(item, data)))),
    lastLines(lines, data),
    numbers(data),
    files(data, path),
  ];
}

function summary(data) {
  return [`${show("bytes", data.bytes)} read`, period(data)].filter(Boolean).join(" · ");
}

function triage(item, { folder, device }) {
  const look = GRAVE[device.platform]?.includes(item.kind) ? "bad" : PLAIN.includes(item.kind) ? "plain" : "caution";
  const when = [item.count > 1 ? counted(item.count, "time", "times") : "", period(item)].filter(Boolean).join(" · ");
  return make(
    "li",
    { class: `event ${look}`, "data-triage": item.kind },
    make("div", { class: "event-head" },
      make("strong", { class: "event-title" }, TRIAGE[item.kind] ?? label(item.kind)),
      item.process ? make("span", {}, item.process) : null,
      when ? make("span", { class: "event-when quiet" }, when) : null),
    make("p", {}, item.words),
    proof(item.evidence, folder),
  );
}

/** "2 Jun 2024, 19:30 – 3 Jun 2024, 08:00", one moment, or nothing. */
const period = ({ first, last }) => [...new Set([first, last].filter((time) => time !== null).map(moment))].join(" – ");

/** The lines an event was found by. A whole report is shown where it lies: what it is called comes from the phone. */
function proof(evidence, folder) {
  if (evidence.length === 0) return null;
  const lines = evidence.map((item) =>
    make("li", {},
      make("div", {}, item.text || make("span", { class: "quiet" }, "The whole report is in its file."), make("span", { class: "source" }, item.source)),
      item.file && folder ? shower("Show file", folder, item.file) : null));
  return make("details", {}, make("summary", {}, "Evidence"), make("ul", { class: "proof" }, lines));
}

function lastLines(lines, data) {
  if (lines.length === 0) return null;
  // An entry has a line or more: with fewer lines than entries something is not shown.
  const words = lines.length < data.log_count ? `The last ${lines.length} lines of the log` : "The log";
  return make("details", { id: "logs-lines" }, make("summary", {}, words), make("pre", { class: "log", tabindex: "0" }, lines.join("\n")));
}

/** How grave the entries are, at a glance. */
function levels({ counts: { by_level: found } }) {
  const known = Object.entries(LEVELS).filter(([level]) => found[level]);
  return known.length === 0 ? null : make("ul", { class: "levels" }, known.map(([level, words]) =>
    make("li", { "data-level": level }, words, " ", make("strong", { class: "number" }, show("", found[level])))));
}

function numbers(data) {
  const { by_source: sources, by_process: processes } = data.counts;
  const named = Object.entries(sources).map(([source, count]) => [LOG_SOURCES[source] ?? label(source), count]);
  const busiest = Object.entries(processes).sort(([, one], [, other]) => other - one).map(([name, count]) => [processName(name), count]);
  const replaced = Object.values(data.redacted).reduce((sum, count) => sum + count, 0);
  const lost = [
    data.dropped ? `${counted(data.dropped, "line", "lines")} the phone itself had already dropped.` : "",
    replaced ? `${counted(replaced, "piece of text that identifies", "pieces of text that identify")} the phone or a person ${replaced === 1 ? "was" : "were"} replaced.` : "",
  ].filter(Boolean);
  return make(
    "details",
    { id: "logs-numbers" },
    make("summary", {}, "What was read, and from where"),
    make("div", { class: "numbers" },
      group("What was read", make("ul", { class: "read" }, Object.entries(data.sources).map(([source, { end, bytes }]) =>
        make("li", { "data-source": source }, make("strong", {}, LOG_SOURCES[source] ?? label(source)), bytes ? `, ${show("bytes", bytes)}` : "", `: ${SOURCE_ENDS[end] ?? reason(end)}`)))),
      named.length === 0 ? null : group("Entries by place", counts(named)),
      busiest.length === 0 ? null : group("Entries by process", counts(busiest)),
    ),
    lost.length === 0 ? null : make("p", { class: "quiet" }, lost.join(" ")),
  );
}

const group = (title, body) => make("div", {}, make("h5", {}, title), body);
const counts = (entries) => make("ul", { class: "counts" }, entries.map(([name, count]) => make("li", {}, make("span", {}, name), make("span", { class: "number" }, show("", count)))));

function processName(name) {
  if (name === "unknown") return "Not known";
  if (name === "other") return "All others";
  return name.replace(/^pid:/, "Process ");
}

function files(data, path) {
  if (!data.folder) return null;
  const reports = data.artifacts.filter(({ name }) => name.startsWith("reports/")).length;
  const size = data.artifacts.reduce((sum, file) => sum + file.size, 0);
  const kept = `${counted(data.artifacts.length, "file", "files")}${reports ? ` with ${counted(reports, "crash report", "crash reports")}` : ""}, ${show("bytes", size)}`;
  return make("div", { class: "files" }, make("p", {}, kept), path ? make("p", { class: "quiet path" }, path) : null, shower("Open folder", data.folder));
}

function shower(words, folder, file) {
  const problem = make("span", { class: "quiet", role: "alert" });
  const button = make("button", { type: "button", title: file ?? folder }, words);
  button.addEventListener("click", async () => {
    problem.textContent = "";
    try {
      await showLogs(folder, file ?? null);
    } catch (error) {
      problem.textContent = String(error);
    }
  });
  return make("span", { class: "shower" }, button, problem);
}
