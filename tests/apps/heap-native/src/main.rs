//! The same on the host's own allocator: `cargo run --release churn 100`.

fn main() -> std::process::ExitCode {
    kit_native_host::run(heap_native::main)
}
