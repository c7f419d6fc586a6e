//! The same as an ordinary program: `cargo run`.

fn main() -> std::process::ExitCode {
    kit_native_host::run(hello_native::main)
}
