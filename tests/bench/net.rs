//! Every network stack of the shelf side by side: loopback inside an image, and datagrams and requests from the host
//! through QEMU's user network.

use std::io::{Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::thread;
use std::time::Duration;

use kit_tests::image::{Boot, Machine, boot, free_port};
use kit_tests::measure::counter::Counter;
use kit_tests::measure::figures::instructions_between;
use kit_tests::measure::symbols::Symbols;
use kit_tests::process::Running;
use kit_tests::{turns, variant};

use crate::side_by_side::{Comparison, INSTRUCTIONS, NANOSECONDS, on_the_shelf, reported};

const APP: &str = "tests/apps/net-workloads";
/// Workloads of the app over 127.0.0.1: the argument, what the table says, and how many rounds are timed.
const WORKLOADS: [(&str, &str, &str); 5] = [
    ("udp-small", "loopback: UDP echo, 64 bytes", "100"),
    ("udp-large", "loopback: UDP echo, 1,400 bytes", "100"),
    ("tcp-request", "loopback: TCP echo, 64 bytes, one connection", "100"),
    ("tcp-bulk", "loopback: TCP, a KiB of a bulk transfer", "30"),
    ("tcp-churn", "loopback: TCP, a connection with one echo", "100"),
];
/// Runs on the platform linux; the fastest counts, as what is slower was disturbed.
const RUNS: usize = 3;
/// Echoes from the host that are counted.
const ECHOES: u64 = 300;
const LIMIT: Duration = Duration::from_secs(120);

/// Prints the section and draws the plot.
pub fn report() {
    let stacks = on_the_shelf("net");
    let option = |stack: &str| &stacks.iter().find(|one| one.0 == stack).expect("one of the stacks").1;
    let image = |stack: &str, machine, arguments: &[&str]| {
        let config = format!("[config]\n{} = true\n", option(stack));
        let app = variant::of(APP, &format!("bench-net-{stack}"), &config);
        boot(&app, machine).arguments(arguments.iter().copied())
    };
    // Whose sockets are the host's has no image for a machine.
    let has_machine = |stack: &str| stack != "hostsockets";
    let mut comparison = Comparison::new("Network stacks side by side", stacks.iter().map(|stack| &stack.0));
    for (workload, title, rounds) in WORKLOADS {
        comparison.measure(title, INSTRUCTIONS, |stack| {
            let boot = has_machine(stack).then(|| image(stack, Machine::Microvm, &[workload, "1"]))?;
            let operations = number(&boot, "counted")?;
            Some(instructions_between(&boot, "bench_begin", "bench_end").ok()? as f64 / operations)
        });
        comparison.measure(title, NANOSECONDS, |stack| {
            let boot = image(stack, Machine::Linux, &[workload, rounds]).options(["-m", "64M"]);
            let once = || Some(number(&boot, "ns")? / number(&boot, "counted")?);
            (0..RUNS).map(|_| once()).reduce(|one, other| Some(one?.min(other?)))?
        });
    }
    for (bytes, title) in
        [(64, "from the host: UDP echo, 64 bytes"), (1400, "from the host: UDP echo, 1,400 bytes")]
    {
        comparison.measure(title, INSTRUCTIONS, |stack| {
            has_machine(stack).then(|| datagram(&image(stack, Machine::Microvm, &["udp-server"]), bytes))
        });
    }
    comparison.measure("from the host: TCP echo, 64 bytes, one connection", INSTRUCTIONS, |stack| {
        let boot = has_machine(stack).then(|| image(stack, Machine::Microvm, &["tcp-server"]))?;
        let has_streams = number(&image(stack, Machine::Microvm, &["tcp-request", "1"]), "counted").is_some();
        has_streams.then(|| stream(&boot))
    });
    comparison.publish("net");
}

/// What the app has printed under this name; `None` if it has failed, as one does whose stack has no streams.
fn number(boot: &Boot, name: &str) -> Option<f64> {
    let output = boot.run();
    (output.code() == 0).then(|| reported(&output.stdout, name).expect("the app prints its figures"))
}

/// Instructions of one of many echoes: the difference of the counters while the server waits.
fn per_echo(boot: &Boot, protocol: &str, mut connect: impl FnMut(u16) -> Box<dyn FnMut()>) -> f64 {
    let boot = boot.clone().variable("PORT", "8080");
    let symbols = Symbols::read(boot.build().with_symbols());
    let port = free_port();
    let mut command = boot.machine_command(&["-p", &format!("{port}:8080{protocol}")]);
    let counter = Counter::attach(&mut command, &symbols, &[]);
    let _turn = turns::machine();
    let mut server = Running::start(command, b"");
    server.wait_for("listening", LIMIT);
    let mut echo = connect(port);
    let mut echoes = |count| {
        (0..count).for_each(|_| echo());
        thread::sleep(Duration::from_millis(300));
        counter.total()
    };
    let before = echoes(50);
    (echoes(ECHOES) - before) as f64 / ECHOES as f64
}

fn datagram(boot: &Boot, bytes: usize) -> f64 {
    per_echo(boot, "/udp", |port| {
        let client = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        client.connect(("127.0.0.1", port)).expect("it is forwarded");
        client.set_read_timeout(Some(Duration::from_secs(1))).expect("a time-out");
        let (sent, mut received) = (vec![7; bytes], vec![0; 2048]);
        Box::new(move || {
            let is_answered = |_| {
                client.send(&sent).expect("it is forwarded");
                client.recv(&mut received).is_ok_and(|length| length == bytes)
            };
            assert!((0..10).any(is_answered), "the server is silent");
        })
    })
}

fn stream(boot: &Boot) -> f64 {
    per_echo(boot, "", |port| {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it is forwarded");
        stream.set_nodelay(true).expect("TCP_NODELAY");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a time-out");
        Box::new(move || {
            let mut buffer = [7; 64];
            stream.write_all(&buffer).expect("the server listens");
            stream.read_exact(&mut buffer).expect("the server answers");
        })
    })
}
