//! Programs on each network stack: what std promises of sockets holds, and what a stack lacks is said.

use std::net::UdpSocket;
use std::time::Duration;

use kit_tests::image::{Machine, boot, free_port};
use kit_tests::process::Running;
use kit_tests::{kit, turns, variant};

const APP: &str = "tests/apps/net-workloads";

fn app(name: &str, config: &str) -> String {
    variant::of(APP, &format!("net-{name}"), &format!("[config]\n{config}\n"))
}

fn udp_mini() -> String {
    app("udp-mini", "NET_UDP_MINI = true")
}

#[test]
fn datagram_sockets_keep_their_promises() {
    for (app, machine) in [
        (udp_mini(), Machine::Microvm),
        (udp_mini(), Machine::Q35),
        (APP.to_string(), Machine::Microvm),
        (APP.to_string(), Machine::Linux),
    ] {
        let output = boot(&app, machine).arguments(["udp-check"]).run().expect_code(0);
        assert!(output.stdout.contains("udp: all right"), "{}", output.transcript());
    }
    boot(APP, Machine::Linux).arguments(["udp-check"]).run_natively().expect_code(0);
}

#[test]
fn the_host_is_answered() {
    let boot = boot(&udp_mini(), Machine::Microvm).variable("PORT", "8080").arguments(["udp-server"]);
    let port = free_port();
    let command = boot.machine_command(&["-p", &format!("{port}:8080/udp")]);
    let _turn = turns::machine();
    let mut server = Running::start(command, b"");
    server.wait_for("listening", Duration::from_secs(60));
    let client = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    client.connect(("127.0.0.1", port)).expect("it is forwarded");
    client.set_read_timeout(Some(Duration::from_secs(1))).expect("a time-out");
    let mut buffer = [0; 2048];
    for length in [0, 1, 512, 1400, 1472] {
        let sent: Vec<u8> = (0..length).map(|at| (at * 7) as u8).collect();
        let answered = (0..20).any(|_| {
            client.send(&sent).expect("it is forwarded");
            // QEMU's user network does not forward what is empty.
            length == 0 || client.recv(&mut buffer).is_ok_and(|received| buffer[..received] == sent)
        });
        assert!(answered, "{length} bytes");
    }
}

#[test]
fn a_stack_without_streams_says_so() {
    let output = boot(&udp_mini(), Machine::Microvm).arguments(["tcp-server"]).run();
    assert_eq!(output.code(), 101, "{}", output.transcript());
    assert!(output.stdout.contains("set NET_SMOLTCP = true in [config]"), "{}", output.transcript());
    assert!(output.transcript().contains("Protocol not supported"), "{}", output.transcript());
}

#[test]
fn sockets_without_a_stack_are_refused_by_name() {
    let app = app("none", "NET_NONE = true");
    let refusal = kit::run(["build", &app, "--platform", "kvm"]).expect_code(1);
    for words in ["socket ", "accept4 ", "NET_SMOLTCP", "net_workloads::serve::udp"] {
        assert!(refusal.stderr.contains(words), "{words}\n{}", refusal.transcript());
    }
}
