// Start: watch the gate; while it is open, the bench works.

import { watchGate } from "./backend.js";
import { byId } from "./dom.js";
import { refreshDevices } from "./devices.js";
import { startGate, showGate } from "./gate.js";
import { inspect, showNothing } from "./inspection.js";

let generation = null;

startGate();
byId("refresh").addEventListener("click", () => refreshDevices(inspect));
watchGate((state) => {
  if (!showGate(state)) return;
  byId("worker").textContent = state.health.version;
  // A new worker knows nothing of what the old one was asked.
  if (state.generation === generation) return;
  generation = state.generation;
  showNothing();
  refreshDevices(inspect);
});
