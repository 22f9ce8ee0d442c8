// Requests under the eyes of a person: progress, cancel, failure and another try.

import { fill, make } from "./dom.js";
import { STAGES, sentence } from "./words.js";

const NEAREST = { block: "nearest" }; // what happens is seen, and what is seen already does not move
const LONG_MS = 3000; // after this a person wants to see that time goes by

// What was started for the phone on the screen. The answer to anything else is dropped: another phone was chosen since.
const underWay = new Set();

export function stopRunning() {
  for (const request of underWay) request.cancel();
  underWay.clear();
}

/** Show progress in `place` while the request runs. The result, or null when it failed (`again` is offered) or was overtaken. */
export async function run(place, words, start, again) {
  const bar = make("progress", { max: 1 });
  // Changes ten times a second: not to be read out.
  const stage = make("p", { class: "quiet", "aria-live": "off" }, `${words}…`);
  const cancel = make("button", { type: "button" }, "Cancel");
  fill(place, make("div", { class: "running" }, stage, bar, cancel));
  place.scrollIntoView(NEAREST);
  const began = performance.now();
  const steps = new Map();
  const tell = () => { stage.textContent = howFar(words, steps, performance.now() - began); };
  const request = start((step) => {
    // Of the stages only those that count stand beside each other; any other stands alone.
    for (const stage of steps.keys()) if (!COUNTED.includes(stage) || !COUNTED.includes(step.stage)) steps.delete(stage);
    steps.set(step.stage, step.done);
    tell();
    if (step.total) bar.value = step.done / step.total;
  });
  const ticking = setInterval(tell, 1000);
  underWay.add(request);
  cancel.addEventListener("click", () => {
    cancel.disabled = true;
    cancel.textContent = "Cancelling…";
    request.cancel();
  });
  try {
    const result = await request.answer;
    return underWay.has(request) ? result : null;
  } catch (problem) {
    if (underWay.has(request)) {
      fill(place, failure(problem, again));
      place.scrollIntoView(NEAREST);
    }
    return null;
  } finally {
    clearInterval(ticking);
    underWay.delete(request);
  }
}

// Stages of a log that go on at the same time; they stand beside each other.
const COUNTED = ["listening", "entries", "bytes"];

/** "Collecting: 120 entries · 34 kB · 5 s…" */
function howFar(words, steps, elapsedMs) {
  const parts = [...steps].sort(([one], [other]) => COUNTED.indexOf(one) - COUNTED.indexOf(other)).map(([stage, done]) => STAGES[stage]?.(done) ?? stage);
  if (elapsedMs >= LONG_MS) parts.push(`${Math.floor(elapsedMs / 1000)} s`);
  return parts.length === 0 ? `${words}…` : `${words}: ${parts.join(" · ")}…`;
}

function failure(problem, again) {
  const cancelled = problem.kind === "cancelled";
  const button = make("button", { type: "button", click: again }, cancelled ? "Start again" : "Try again");
  return make(
    "div",
    { class: cancelled ? "cancelled" : "problem", role: cancelled ? "status" : "alert" },
    make("strong", {}, cancelled ? "Cancelled." : sentence(problem.message ?? String(problem))),
    problem.hint && !cancelled ? make("p", {}, problem.hint) : null,
    button,
  );
}
