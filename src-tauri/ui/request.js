// Requests under the eyes of a person: progress, cancel, failure and another try.

import { fill, make } from "./dom.js";

// What was started for the phone on the screen. The answer to anything else is dropped: another phone was chosen since.
const underWay = new Set();

export function stopRunning() {
  for (const request of underWay) request.cancel();
  underWay.clear();
}

/** Show progress in `place` while the request runs. The result, or null when it failed (`again` is offered) or was overtaken. */
export async function run(place, words, start, again) {
  const bar = make("progress", { max: 1 });
  const stage = make("p", { class: "quiet" }, `${words}…`);
  const cancel = make("button", { type: "button" }, "Cancel");
  fill(place, make("div", { class: "running" }, stage, bar, cancel));
  const request = start((step) => {
    stage.textContent = `${words}: ${step.stage}…`;
    if (step.total) bar.value = step.done / step.total;
  });
  underWay.add(request);
  cancel.addEventListener("click", () => request.cancel());
  try {
    const result = await request.answer;
    return underWay.has(request) ? result : null;
  } catch (problem) {
    if (underWay.has(request)) fill(place, failure(problem, again));
    return null;
  } finally {
    underWay.delete(request);
  }
}

function failure(problem, again) {
  const title = problem.kind === "cancelled" ? "Cancelled." : problem.message ?? String(problem);
  const button = make("button", { type: "button", click: again }, "Try again");
  return make("div", { class: "problem", role: "alert" }, make("strong", {}, title), problem.hint ? make("p", {}, problem.hint) : null, button);
}
