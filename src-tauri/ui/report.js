// The report of one phone: ordered here, made by the worker, opened by the system.

import { makeReport, openReport } from "./backend.js";
import { fill, make } from "./dom.js";
import { run } from "./request.js";
import { show } from "./words.js";

/** results: what the worker answered, by method; read when the button is pressed, so that what comes later is in it. */
export function offerReport(place, device, results) {
  const button = make("button", { type: "button", id: "make-report", class: "primary" }, "Make the report (PDF)");
  const order = async () => {
    const content = { created_at: now(), device, results: { ...results }, application: { name: "Bobby's Workshop", version: "1.0.0" } };
    const made = await run(place, "Making the report", (onProgress) => makeReport({ format: "pdf", content }, onProgress), order);
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
        // What was found since is in the next one.
        make("div", { class: "buttons" }, open, make("button", { type: "button", id: "report-again", click: order }, "Make it again")),
        problem,
      ),
    );
  };
  button.addEventListener("click", order);
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
