//! Prints its arguments, a variable of its environment and the time; exits with the code of its first argument.
//!
//! `hello 3` exits with 3. Without an argument, or with one that is not a number of 0–255, it exits with 0.

use std::env;
use std::process::ExitCode;
use std::time::SystemTime;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let name = env::var("NAME").unwrap_or_else(|_| "world".to_string());
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());

    println!("Hello, {name}!");
    println!("arguments: {}", arguments.join(" "));
    println!("time: {seconds} s since 1970");

    ExitCode::from(arguments.first().and_then(|code| code.parse().ok()).unwrap_or(0))
}
