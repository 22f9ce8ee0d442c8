// One phone: ask for its verdicts, show them, and offer what else can be asked.

import { inspectBasic, inspectDeep } from "./backend.js";
import { ownersName } from "./devices.js";
import { byId, fill, make } from "./dom.js";
import { findings, identity, notes, verdicts, warnings } from "./findings.js";
import { offerLogs } from "./logs.js";
import { offerReport } from "./report.js";
import { run, stopRunning } from "./request.js";
import { CONNECTIONS, PLATFORMS, STATES, VERDICTS } from "./words.js";

export function showNothing() {
  fill(byId("inspection"), make("div", { class: "empty" }, make("p", {}, "Choose a phone to see whether it is locked.")));
}

/** Inspect the phone and show what comes: the verdicts at once, the rest when asked for. */
export async function inspect(device) {
  stopRunning();
  const request = { device_id: device.device_id, platform: device.platform };
  const results = {};
  const page = byId("inspection");
  const basic = await run(page, "Asking the phone", (onProgress) => inspectBasic(request, onProgress), () => inspect(device));
  if (basic === null) return;
  results["inspect.basic"] = basic;
  const deeper = make("div", { id: "deep" });
  const logs = make("div", { id: "logs" });
  const paper = make("div", { id: "report" });
  fill(
    page,
    head(device, basic.data),
    warnings(basic),
    verdicts(basic.data),
    identity(basic.data.device),
    findings("More about the locks", basic.data.findings, Object.keys(VERDICTS)),
    deeper,
    logs,
    paper,
  );
  const lookDeeper = make("button", { type: "button", id: "look-deeper" }, "Battery, storage and more");
  const goDeeper = async () => {
    const deep = await run(deeper, "Looking deeper", (onProgress) => inspectDeep(request, onProgress), goDeeper);
    if (deep === null) return;
    results["inspect.deep"] = deep;
    fill(deeper, warnings(deep), findings("What else the phone tells", deep.data.findings, []), notes(deep.data.notes));
  };
  lookDeeper.addEventListener("click", goDeeper);
  fill(deeper, lookDeeper);
  offerLogs(logs, device, results);
  offerReport(paper, basic.data.device, results);
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
