// The health gate on the screen: blocks everything until the worker is ready, and says what goes on meanwhile.

import { byId } from "./dom.js";
import { quit, retry } from "./backend.js";
import { FAILURES } from "./words.js";

const STILL_STARTING_MS = 5000; // after this a person wonders whether anything happens
const TICK_MS = 250;

let shown = null;
let since = 0;

export function startGate() {
  byId("gate-retry").addEventListener("click", () => retry());
  byId("gate-quit").addEventListener("click", () => quit());
  setInterval(tick, TICK_MS);
}

/** state: {phase, elapsed_ms, ...} as the parent tells it. Returns whether the page may be used. */
export function showGate(state) {
  shown = state;
  since = performance.now() - state.elapsed_ms;
  const ready = state.phase === "ready";
  const failed = state.phase === "failed";
  document.body.dataset.phase = state.phase;
  byId("gate").hidden = ready;
  byId("bench").inert = !ready;
  byId("gate-failure").hidden = !failed;
  byId("gate-mark").className = failed ? "cross" : "spinner";
  if (failed) showFailure(state);
  else byId("gate-title").textContent = state.phase === "restarting" ? "Starting again" : state.phase === "stopped" ? "Closing" : "Starting";
  tick();
  return ready;
}

function showFailure(state) {
  const [title, help] = FAILURES[state.reason] ?? ["The worker failed", ""];
  byId("gate-title").textContent = title;
  byId("gate-text").textContent = help;
  byId("gate-detail").textContent = state.detail;
  byId("gate-detail").hidden = !state.detail;
  byId("gate-tail").textContent = state.stderr_tail;
  byId("gate-log").hidden = !state.stderr_tail;
  // A start that failed is understood from the log; a worker that died is first of all started again.
  byId("gate-log").open = state.reason !== "died";
  byId("gate-retry").focus();
}

function tick() {
  if (shown === null || shown.phase === "ready") return;
  const elapsed = performance.now() - since;
  if (shown.phase === "failed") {
    byId("gate-elapsed").textContent = "";
    const left = Math.max(0, (shown.retry_in_ms ?? 0) - elapsed);
    byId("gate-countdown").textContent = shown.retry_in_ms === null ? "" : `Starting again by itself in ${Math.ceil(left / 1000)} s`;
    return;
  }
  byId("gate-text").textContent =
    elapsed < STILL_STARTING_MS ? "Starting the part that talks to phones." : "Still starting. The first start after an update takes longest.";
  byId("gate-elapsed").textContent = elapsed < 1000 ? "" : `${Math.floor(elapsed / 1000)} s`;
}
