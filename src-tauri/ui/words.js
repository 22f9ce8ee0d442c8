// What the page says in place of the names on the wire. A test compares the names with schemas/shared.json.

/** Why a value is null. Each completes "Not determined: ...". */
export const REASONS = {
  "not_paired": "the phone does not trust this computer yet",
  "unauthorized": "USB debugging is not allowed for this computer yet",
  "locked": "the phone is locked",
  "key_missing": "the phone did not give this value",
  "refused": "the phone refused the question",
  "permission_denied": "the phone does not let a computer read this",
  "unsupported": "this phone's system does not have it",
  "timeout": "the phone did not answer in time",
  "disconnected": "the phone went away before it answered",
  "unreadable": "the phone's answer could not be understood",
  "truncated": "the phone's answer was cut short",
  "conflict": "two sources on the phone contradict each other",
  "implausible": "the value the phone gave cannot be right",
  "not_applicable": "this kind of phone does not have it",
  "not_exposed": "no way to read it over the cable is known",
  "setup_assistant_unreliable": "the phone is not set up yet, and does not tell the truth before that",
  "dep_assignment_not_visible": "whether a company claims the phone shows only after set-up",
  "setup_incomplete": "the phone is not set up yet",
  "unusual_activation": "the phone is activated in an unusual way",
  "masked": "the phone hides this value"
};

/** What the whole answer must be read with. */
export const WARNINGS = {
  "partial_data": "Some of what was asked could not be read.",
  "device_untrusted": "The phone does not trust this computer: only its public values were read.",
  "device_locked": "The phone is locked: some values can only be read after it was unlocked once.",
  "device_disconnected": "The phone went away in the middle.",
  "timeout": "The phone did not answer everything in time.",
  "conflicting_sources": "Two sources on the phone contradict each other.",
  "spoofable_evidence": "The phone shows signs of root access: its own values may be forged.",
  "battery_values_faked": "Somebody replaced the battery's values by hand.",
  "pending_reports_not_flushed": "The newest crash reports may still be missing.",
  "truncated": "There was more than was kept.",
  "missing_glyphs": "Some characters could not be printed.",
  "content_shortened": "Some content was shortened; the JSON copy has all of it.",
  "text_neutralised": "Characters that could mislead a reader were replaced by a visible mark.",
  "entries_unparsed": "Some log lines could not be taken apart and were kept as they are."
};

export const STATES = {
  "ready": "Ready",
  "untrusted": "Not trusted",
  "unauthorized": "Not authorised",
  "locked": "Locked",
  "offline": "Offline",
  "no_permissions": "No access"
};

export const CONNECTIONS = {
  "usb": "USB", "network": "Wi-Fi", "adb-server": "adb server", "adb-tcp": "adb over network", "adb-usb": "adb over USB",
  "none": "not connected"
};

/** The four verdicts: what they ask, and what yes and no mean. Never shown as "no" when the value is null. */
export const VERDICTS = {
  "activation_locked": { title: "Activation Lock", yes: "Locked to its owner", no: "No Activation Lock" },
  "mdm_enrolled": { title: "Company management", yes: "Managed by an organisation", no: "Not managed" },
  "frp_locked": { title: "Factory-reset lock", yes: "Locked after reset", no: "No factory-reset lock" },
  "efi_locked": { title: "Firmware password", yes: "Set", no: "Not set" }
};

/** Why there is no worker: what to say, and what may help. */
export const FAILURES = {
  "python_not_found": ["The installation is incomplete", "Its Python is missing. Install the application again."],
  "spawn_failed": ["The worker could not be started", "The system refused to run it. A virus scanner may be in the way."],
  "exited_early": ["The worker stopped while it started", "Its log says why."],
  "health_timeout": ["The worker does not answer", "It was started but said nothing. A virus scanner may be holding it up."],
  "incompatible": ["The worker does not fit this application", "Install the application again."],
  "died": ["The worker stopped", "What was under way is lost; the phones are not harmed."]
};

/** What logs to collect; the first is the usual. */
export const SCOPES = {
  "default": { title: "Recent", text: "The recent log, crash reports, and why the phone restarted" },
  "crash": { title: "Crash reports", text: "Crash reports and why the phone restarted, without the log" },
  "system": { title: "System log", text: "The log alone, with everything the phone writes into it" },
  "full": { title: "Everything", text: "The whole log and all crash reports; takes longest" }
};

/** How long an iPhone may be listened to; the first is the worker's own choice. */
export const LISTEN_MS = [[3000, "3 seconds"], [15000, "15 seconds"], [60000, "1 minute"], [300000, "5 minutes"]];

/** What a log tells first. */
export const TRIAGE = {
  "panic": "System crash",
  "kernel_panic": "System crash",
  "watchdog": "Hung and was ended",
  "system_crash": "Android itself crashed",
  "native_crash": "Program crash",
  "anr": "Did not react",
  "app_crash": "App crash",
  "jetsam": "Out of memory",
  "low_memory": "Low memory",
  "resource_limit": "Used too much",
  "forced_reset": "Forced restart or loss of power",
  "last_reboot_reason": "Why it last restarted",
  "reboot": "Restart",
  "tombstones": "Records of program crashes"
};

/** Why a log was cut. Each completes "Not everything was kept: ...". */
export const KEPT_BECAUSE = {
  "limit": "only so many entries were asked for",
  "size": "something is larger than what is kept",
  "timeout": "the time was over before the phone was done",
  "disconnected": "the phone went away in the middle",
  "truncated": "the phone stopped in the middle",
  "unreadable": "a part could not be understood"
};

/** How reading one place ended; else it is a reason. */
export const SOURCE_ENDS = {
  "complete": "everything that is there",
  "duration": "listened to for the time that was asked for",
  "limit": "until there were as many entries as were asked for",
  "size": "as much as is kept"
};

/** Levels of entries, the gravest first. */
export const LEVELS = {
  "emergency": "Emergency",
  "alert": "Alert",
  "critical": "Critical",
  "fatal": "Fatal",
  "fault": "Fault",
  "error": "Error",
  "warning": "Warning",
  "notice": "Notice",
  "info": "Information",
  "debug": "Debug",
  "verbose": "Verbose",
  "silent": "Silent",
  "user_action": "User's action",
  "unknown": "Without a level"
};

/** Places a log comes from. */
export const LOG_SOURCES = {
  "main": "Apps' log",
  "system": "System log",
  "crash": "Crash log",
  "events": "Event log",
  "radio": "Modem's log",
  "kernel": "Kernel's log",
  "logcat": "Log",
  "dropbox": "Box of crash reports",
  "tombstones": "Records of program crashes",
  "os_trace": "Live log",
  "syslog": "Live log (text)",
  "crash_reports": "Crash reports"
};

/** How far a request is: what is going on, or how much there is so far. */
export const STAGES = {
  "connecting": () => "waiting for the phone",
  "reading": () => "reading its values",
  "listening": () => "listening",
  "entries": (done) => counted(done, "entry", "entries"),
  "bytes": (done) => bytes(done),
  "content": () => "reading what was found",
  "document": () => "setting the pages",
  "artifact": () => "writing the file"
};

export const PLATFORMS = {
  "ios": "iPhone", "android": "Android", "macos": "Mac"
};

const ACRONYMS = {
  imei: "IMEI", imei2: "IMEI 2", meid: "MEID", udid: "UDID", ecid: "ECID", iccid: "ICCID", mdm: "MDM", frp: "FRP", my: "My", sim: "SIM",
  os: "OS", mac: "MAC", wifi: "Wi-Fi", mah: "mAh", mv: "mV", ma: "mA", cpu: "CPU", sdk: "SDK", abi: "ABI", id: "ID", c: "°C",
  ios: "iOS", usb: "USB", adb: "adb", efi: "EFI", percent: "%", emmc: "eMMC", ufs: "UFS", nfc: "NFC", mcc: "MCC", mnc: "MNC", gb: "GB"
};

/** "health_official" -> "Health official". Names of members are plain English with underscores. */
export function label(name) {
  // The unit stands with the value: 64 GB.
  const words = name.replace(/(.)_bytes$/, "$1").split("_").map((word) => ACRONYMS[word] ?? word);
  const first = words[0];
  return [first.charAt(0).toUpperCase() + first.slice(1), ...words.slice(1)].join(" ");
}

/** A value for a person: bytes in units, lists joined, true and false in words. */
export function show(name, value) {
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (typeof value === "number" && /(^|_)bytes$/.test(name)) return bytes(value);
  if (typeof value === "number") return value.toLocaleString("en", { maximumFractionDigits: 2, useGrouping: value >= 10000 });
  if (Array.isArray(value)) return value.length === 0 ? "None" : value.map((item) => show("", item)).join(", ");
  if (value !== null && typeof value === "object") {
    const parts = Object.entries(value).filter(([, part]) => part !== null);
    return parts.length === 0 ? "None" : parts.map(([key, part]) => `${label(key)}: ${show(key, part)}`).join(" · ");
  }
  // Names of a closed list read better without their underscores; a phone's own words have none.
  return typeof value === "string" && /^[a-z]+(_[a-z]+)+$/.test(value) ? value.replaceAll("_", " ") : String(value);
}

function bytes(count) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let size = count;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size.toLocaleString("en", { maximumFractionDigits: size < 10 ? 1 : 0 })} ${units[unit]}`;
}

/** "the phone is locked" -> "The phone is locked." */
export const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");

/** counted(1, "line", "lines") -> "1 line" */
export const counted = (count, one, many) => `${count.toLocaleString("en", { useGrouping: count >= 10000 })} ${count === 1 ? one : many}`;

/** A moment of a log, by this computer's zone where the phone told its own. The year may be missing, or all but the start. */
export function moment(text) {
  if (text.startsWith("boot+")) return `${Math.round(Number(text.slice(5)))} s after the start`;
  const [day, clock] = text.replace(/[.][0-9]+/, "").split("T");
  if (!/^[0-9]{4}-/.test(day) || !/(Z|[+-][0-9]{2}:[0-9]{2})$/.test(clock)) return `${day} ${clock}`;
  return new Date(`${day}T${clock}`).toLocaleString("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
}

export function reason(code) {
  return REASONS[code] ?? code ?? "no reason was given";
}
