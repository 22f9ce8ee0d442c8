// The one place that knows Tauri: commands and events, nothing else.

const { invoke, Channel } = window.__TAURI__.core;
const { listen } = window.__TAURI__.event;

let lastKey = 0;

/** Tell `onState` each state of the health gate, the present one first. */
export async function watchGate(onState) {
  // Listening first, asking second: a state that changed in between is then told twice, never not at all.
  await listen("backend://status", () => backendStatus().then(onState));
  onState(await backendStatus());
}

export const backendStatus = () => invoke("backend_status");
export const retry = () => invoke("backend_retry");
export const quit = () => invoke("quit");
export const listDevices = () => invoke("devices_list");
/** Show a collection's folder, or where one of its files lies. Names, never paths. */
export const showLogs = (folder, file) => invoke("show_logs", { folder, file });
export const openReport = (reportId, format) => invoke("open_report", { reportId, format });

/** Start a request; {answer: a promise, cancel: a function}. `onProgress` gets {stage, done, total}. */
function ask(command, args, onProgress) {
  const key = ++lastKey;
  const channel = new Channel();
  channel.onmessage = onProgress;
  return { answer: invoke(command, { key, onProgress: channel, ...args }), cancel: () => invoke("cancel", { key }) };
}

export const inspectBasic = (request, onProgress) => ask("inspect_basic", { request }, onProgress);
export const inspectDeep = (request, onProgress) => ask("inspect_deep", { request }, onProgress);
export const makeReport = (order, onProgress) => ask("make_report", { order }, onProgress);
/** {answer, path, last_lines}: the worker's answer, where its files are, and the end of its log. */
export const collectLogs = (request, onProgress) => ask("collect_logs", { request }, onProgress);
