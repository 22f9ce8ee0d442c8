// The list of phones on the bench.

import { listDevices } from "./backend.js";
import { byId, fill, make } from "./dom.js";
import { warnings } from "./findings.js";
import { CONNECTIONS, PLATFORMS, STATES, sentence } from "./words.js";

let chosen = null;

/** Ask for the phones and show them; `onChoose` gets the one that is clicked. */
export async function refreshDevices(onChoose) {
  const button = byId("refresh");
  button.disabled = true;
  button.textContent = "Looking…";
  try {
    showDevices(await listDevices(), onChoose);
  } catch (problem) {
    byId("devices").replaceChildren(make("li", { class: "problem" }, make("strong", {}, sentence(problem.message ?? String(problem))), problem.hint ? make("p", {}, problem.hint) : null));
  } finally {
    button.disabled = false;
    button.textContent = "Refresh";
  }
}

// A list that is not the whole bench must not look like one.
const INCOMPLETE = {
  "partial_data": "There may be more phones: a service of this computer that knows them does not answer as it should.",
  "timeout": "It did not answer in time.",
};

function showDevices(listed, onChoose) {
  const { devices } = listed.data;
  fill(byId("incomplete"), warnings(listed, INCOMPLETE));
  byId("no-devices").hidden = devices.length > 0 || listed.warnings.length > 0;
  byId("devices").replaceChildren(...devices.map((device) => make("li", {}, entry(device, onChoose))));
}

/** What its owner called it; an Android phone only tells its maker's code name there. */
export const ownersName = (device) => (device.platform === "ios" ? device.name ?? "" : "");

function entry(device, onChoose) {
  const name = ownersName(device);
  const kind = (device.marketing_name ?? device.model ?? PLATFORMS[device.platform]).replaceAll("_", " ");
  const version = device.os_version ? `${device.platform === "ios" ? "iOS" : "Android"} ${device.os_version}` : PLATFORMS[device.platform];
  const button = make(
    "button",
    { type: "button", class: "device", "data-device": device.device_id, "aria-pressed": String(device.device_id === chosen), title: device.device_id },
    make("span", { class: "device-name" }, name || kind),
    make("span", { class: "device-kind" }, name ? `${kind} · ${version}` : version),
    make("span", { class: `state ${device.state}` }, `${STATES[device.state] ?? device.state} · ${CONNECTIONS[device.connection] ?? device.connection}`),
    device.hint ? make("span", { class: "device-hint" }, device.hint) : null,
  );
  button.addEventListener("click", () => {
    chosen = device.device_id;
    for (const other of document.querySelectorAll(".device")) other.setAttribute("aria-pressed", String(other === button));
    onChoose(device);
  });
  return button;
}
