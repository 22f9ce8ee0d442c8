// Start: watch the gate; while it is open, the bench works.

import { watchGate } from "./backend.js";
import { byId } from "./dom.js";
import { refreshDevices } from "./devices.js";
import { startGate, showGate } from "./gate.js";
import { inspect, showNothing } from "./inspection.js";

let generation = null;

startGate();
showNothing();
byId("refresh").addEventListener("click", () => refreshDevices(inspect));
watchGate((state) => {
  if (!showGate(state)) return;
  byId("worker").textContent = state.health.version;
  // Once for each worker. What an earlier one found out stays on the screen: it is as true as it was.
  if (state.generation === generation) return;
  generation = state.generation;
  refreshDevices(inspect);
});
