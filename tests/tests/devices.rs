//! Network cards, and what stands around them, in images: a tap of the host, a card that gives everything back,
//! recordings that tcpdump reads, and a transfer over a network that loses, doubles, reorders and corrupts.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use kit_tests::http::Connection;
use kit_tests::image::{Machine, Server, boot};
use kit_tests::network::{GUEST, HOST, TAP, ip, with_tap};
use kit_tests::process::{self, Running};
use kit_tests::{kit, scratch, system, variant};

const HTTP_MIN: &str = "examples/http-min";
const WEB: &str = "examples/web";
const PROBE: &str = "tests/apps/probe";
const LIMIT: Duration = Duration::from_secs(60);

/// A process whose own stack is at a tap.
const OVER_TAP: &str = "[config]\nNET_SMOLTCP = true\nNETDEV_TAP = true\nNET_IP = \"10.9.0.2/24\"\n";

/// One frame in twenty lost, and more; and both wrappers, in their order.
const BAD_NETWORK: &str = "NETDEV_PCAP = true\nNETDEV_FAULT = true\nNETDEV_FAULT_SEED = 20261121\n\
    NETDEV_FAULT_DROP = 50\nNETDEV_FAULT_CORRUPT = 10\nNETDEV_FAULT_DUPLICATE = 10\nNETDEV_FAULT_REORDER = 20\n\
    NETDEV_FAULT_DELAY = 10\nNETDEV_FAULT_DELAY_MS = 10\nNET_TCP_RX_BYTES = 32768\nNET_TCP_TX_BYTES = 32768\n";

/// Starts a built app that serves port 8080 of its tap.
fn serve_over_tap(app: &str) -> Running {
    let line = ["run", app, "--platform", "linux", "-e", "PORT=8080"];
    let mut server = Running::start(kit::command(line), b"");
    server.wait_for("listening", LIMIT);
    server
}

fn curl(path: &str) -> String {
    system::need("curl", &["curl"]);
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--max-time", "20", &format!("http://{GUEST}:8080{path}")]);
    process::run(command, b"", LIMIT).expect_code(0).stdout
}

/// What tcpdump says of a recording.
#[track_caller]
fn tcpdump(file: &Path, filter: &str) -> String {
    system::need("tcpdump", &["tcpdump"]);
    let mut command = Command::new("tcpdump");
    command.args(["-n", "-A", "-r"]).arg(file).args(filter.split_whitespace());
    process::run(command, b"", LIMIT).expect_code(0).stdout
}

#[test]
fn a_server_answers_over_a_tap() {
    let app = variant::of(HTTP_MIN, "tap", OVER_TAP);
    kit::build(&app, "linux");
    with_tap(|| {
        let mut server = serve_over_tap(&app);
        for _ in 0..20 {
            assert_eq!(curl("/"), "Hello, world!");
        }
        assert!(server.is_running());
        // A second image cannot have the same tap: it says so, and what to do.
        let second = kit::run(["run", &app, "--platform", "linux", "-e", "PORT=8081"]);
        assert_ne!(second.code(), 0, "{}", second.transcript());
        let said = format!("{}{}", second.stdout, second.stderr);
        assert!(
            said.contains("tap0: another process uses it; choose another by KIT_OPTIONS=kit.tap=NAME"),
            "{said}"
        );
        drop(server);

        // The options of the process win over the configuration.
        ip("tuntap add other0 mode tap");
        ip(&format!("address del {HOST}/24 dev {TAP}"));
        ip("address add 10.8.0.1/24 dev other0");
        ip("link set other0 up");
        let options = "KIT_OPTIONS=kit.tap=other0 kit.ip=10.8.0.2/24";
        let line = ["run", &app, "--platform", "linux", "-e", "PORT=80", "-e", options];
        let mut server = Running::start(kit::command(line), b"");
        server.wait_for("listening", LIMIT);
        let mut client = Connection::open(SocketAddr::from(([10, 8, 0, 2], 80))).unwrap();
        assert_eq!(client.get("/").unwrap().text(), "Hello, world!");
    });
}

#[test]
fn a_recording_shows_the_request() {
    let file = scratch().join("request.pcap");
    let _ = std::fs::remove_file(&file);
    let path = file.to_str().expect("the path is text");
    let server = boot(HTTP_MIN, Machine::Microvm).options(["--pcap", path]).serve();
    assert_eq!(Connection::open(server.address).unwrap().get("/").unwrap().text(), "Hello, world!");
    drop(server);
    let there = tcpdump(&file, "tcp dst port 8080");
    assert!(there.contains("GET / HTTP/1.1"), "{there}");
    let back = tcpdump(&file, "tcp src port 8080");
    assert!(back.contains("HTTP/1.1 200 OK") && back.contains("Hello, world!"), "{back}");
}

#[test]
fn a_network_that_is_the_hosts_cannot_be_recorded() {
    let path = scratch().join("nothing.pcap");
    let path = path.to_str().expect("the path is text");
    let refused = kit::run(["run", HTTP_MIN, "--platform", "linux", "--pcap", path]).expect_code(1);
    assert!(refused.stderr.contains("no network card of http-min could be recorded"), "{}", refused.stderr);
}

#[test]
fn a_megabyte_survives_a_bad_network_over_virtio() {
    let app = variant::of(WEB, "bad-virtio", &format!("[config]\n{BAD_NETWORK}"));
    let built = kit::build(&app, "kvm");
    let server: Server = boot(&app, Machine::Microvm).options(["-m", "32M"]).limit(LIMIT).serve();
    // QEMU's user network waits for seconds before it sends again: it has little to send.
    megabyte(server.address, 64 * 1024);
    drop(server);
    retransmitted(&built.image.with_file_name("web.pcap"), 8080);
}

#[test]
fn a_megabyte_survives_a_bad_network_over_tap() {
    let app = variant::of(WEB, "bad-tap", &format!("{OVER_TAP}{BAD_NETWORK}"));
    let built = kit::build(&app, "linux");
    with_tap(|| {
        let server = serve_over_tap(&app);
        megabyte(SocketAddr::from(([10, 9, 0, 2], 8080)), 512 * 1024);
        drop(server);
    });
    retransmitted(&built.image.with_file_name("web.pcap"), 8080);
}

/// So many letters there and a megabyte of them back, and every byte compared.
fn megabyte(server: SocketAddr, letters: usize) {
    let times = (1 << 20) / letters;
    let mut state = 0x2026_1121_u64;
    let mut letter = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'a' + (state >> 33) as u8 % 26)
    };
    let text: String = (0..letters).map(|_| letter()).collect();
    let mut client = Connection::open(server).unwrap();
    let answer = client.post_json("/echo", &format!(r#"{{"text": "{text}", "times": {times}}}"#)).unwrap();
    assert_eq!(answer.status, 200);
    let expected = format!(r#"{{"text":"{}","letters":1048576}}"#, text.repeat(times));
    assert!(answer.text() == expected, "{} bytes, {} expected", answer.body.len(), expected.len());
}

/// The recording shows that the network was as bad as it was asked to be: the same data was sent again.
#[track_caller]
fn retransmitted(file: &Path, port: u16) {
    let sent = tcpdump(file, &format!("tcp src port {port} and greater 1000"));
    let mut ranges: Vec<&str> =
        sent.lines().filter_map(|line| line.split(", seq ").nth(1)?.split(',').next()).collect();
    let count = ranges.len();
    assert!(count > 700, "a megabyte in {count} segments");
    ranges.sort_unstable();
    ranges.dedup();
    assert!(ranges.len() < count, "none of {count} segments was sent again");
}

#[test]
fn a_card_that_gives_everything_back_needs_no_machine() {
    let app = variant::of(
        PROBE,
        "loopback-card",
        "[config]\nNET_SMOLTCP = true\nNETDEV_LOOPBACK = true\nNET_IP = \"none\"\n",
    );
    for machine in [Machine::Linux, Machine::Microvm] {
        let image = boot(&app, machine).arguments(["network"]).run().expect_code(0);
        assert!(image.stdout.contains("tcp: "), "{}", image.transcript());
    }
}
