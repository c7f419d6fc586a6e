//! Guest instructions of a request and of a second without any, and where they go.

use kit_cli::progress::thousands;
use kit_tests::image::Machine;
use kit_tests::measure::figures::CountedServer;

use crate::table::{Row, print};

/// How many functions of a profile are shown.
const SHOWN: usize = 25;

/// Prints the section.
pub fn report() {
    let http_min = CountedServer::start("examples/http-min", Machine::Microvm);
    let (http_min_instructions, profile) = http_min.per_request(1000);
    let http_min_idle = http_min.idle_per_second(10);
    drop(http_min);
    let web = CountedServer::start("examples/web", Machine::Microvm);
    let (web_instructions, web_profile) = web.per_request(1000);
    let web_idle = web.idle_per_second(10);
    drop(web);
    print(
        "Guest instructions of a server, one connection that is kept alive",
        &[
            Row::new(
                "http-min, a request",
                thousands(http_min_instructions),
                "12,000",
                "Unikraft + lwIP 12,000 · Hermit 51,439",
            ),
            Row::new("http-min, an idle second", thousands(http_min_idle), "1,000", "ArceOS 755,000,000"),
            Row::new("web, a request", thousands(web_instructions), "", ""),
            Row::new("web, an idle second", thousands(web_idle), "", ""),
        ],
    );
    print_profile("http-min", profile);
    print_profile("web", web_profile);
}

fn print_profile(app: &str, profile: impl IntoIterator<Item = (String, u64)>) {
    let mut functions: Vec<(String, u64)> = profile.into_iter().collect();
    functions.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    println!("<details><summary>Where the instructions of a request to {app} go</summary>\n");
    println!("| instructions | function |\n|---:|---|");
    for (function, instructions) in functions.iter().take(SHOWN) {
        println!("| {} | `{function}` |", thousands(*instructions));
    }
    let rest: u64 = functions.iter().skip(SHOWN).map(|function| function.1).sum();
    println!(
        "| {} | {} more functions |\n\n</details>\n",
        thousands(rest),
        functions.len().saturating_sub(SHOWN)
    );
}
