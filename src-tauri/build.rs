//! With the feature `app`: what Tauri generates, and the list of commands that then each need a permission.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    #[cfg(feature = "app")]
    app();
}

#[cfg(feature = "app")]
fn app() {
    // Without this list every command could be called from every local window.
    const COMMANDS: &[&str] = &[
        "backend_status",
        "backend_retry",
        "quit",
        "devices_list",
        "inspect_basic",
        "inspect_deep",
        "cancel",
        "make_report",
        "open_report",
        "collect_logs",
        "show_logs",
    ];
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest)) {
        panic!("{error:#}");
    }
}
