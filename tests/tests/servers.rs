//! Servers: every route through a forwarded port, many clients at once, and clients that misbehave.

use std::io::Write;
use std::net::{Shutdown, SocketAddr};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use kit_tests::http::Connection;
use kit_tests::image::boot;
use kit_tests::on_machines;

const WEB: &str = "examples/web";
const HTTP_MIN: &str = "examples/http-min";

on_machines!([Linux, Microvm, Q35] fn every_route_of_web_answers(machine) {
    let server = boot(WEB, machine).serve();
    let mut client = Connection::open(server.address).unwrap();

    let hello = client.get("/").unwrap();
    assert_eq!((hello.status, hello.text()), (200, "Hello from axum!\n"));

    let echo = client.post_json("/echo", r#"{"text": "häppi ", "times": 3}"#).unwrap();
    assert_eq!((echo.status, echo.text()), (200, r#"{"text":"häppi häppi häppi ","letters":18}"#));
    assert_eq!(echo.header("content-type"), Some("application/json"));
    let long = "x".repeat(100_000);
    let echo = client.post_json("/echo", &format!(r#"{{"text": "{long}", "times": 2}}"#)).unwrap();
    assert_eq!(echo.text(), format!(r#"{{"text":"{long}{long}","letters":200000}}"#));
    assert_eq!(client.post_json("/echo", "{}").unwrap().status, 422);

    let start = Instant::now();
    assert_eq!(client.get("/slow?ms=150").unwrap().text(), "slept 150 ms\n");
    assert!(start.elapsed() >= Duration::from_millis(150));

    let stream = client.get("/stream").unwrap();
    assert_eq!(stream.header("transfer-encoding"), Some("chunked"));
    assert_eq!(stream.text(), "5\n4\n3\n2\n1\n");

    let page = client.get("/static/index.html").unwrap();
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(page.body, std::fs::read(kit_tests::root().join("examples/web/static/index.html")).unwrap());
    let sheet = client.get("/static/style.css").unwrap();
    assert_eq!(sheet.body, std::fs::read(kit_tests::root().join("examples/web/static/style.css")).unwrap());
    let missing = client.get("/static/nothing").unwrap();
    assert_eq!((missing.status, missing.text()), (404, "no such file\n"));
    assert_eq!(client.get("/nothing").unwrap().status, 404);
    assert_eq!(client.get("/echo").unwrap().status, 405);
});

on_machines!([Linux, Microvm, Q35] fn slow_answers_do_not_hold_up_others(machine) {
    let server = boot(WEB, machine).serve();
    let address = server.address;
    let slow = thread::spawn(move || Connection::open(address).unwrap().get("/slow?ms=3000").unwrap());
    thread::sleep(Duration::from_millis(200));
    let start = Instant::now();
    assert_eq!(Connection::open(address).unwrap().get("/").unwrap().status, 200);
    assert!(start.elapsed() < Duration::from_millis(2500), "took {:?}", start.elapsed());
    assert_eq!(slow.join().unwrap().text(), "slept 3000 ms\n");
});

on_machines!([Linux, Microvm, Q35] fn fifty_clients_get_every_byte_from_http_min(machine) {
    let server = boot(HTTP_MIN, machine).options(["-m", "32M"]).limit(Duration::from_secs(120)).serve();
    fifty_clients(server.address, "/", b"Hello, world!");
});

on_machines!([Linux, Microvm, Q35] fn fifty_clients_get_every_byte_from_web(machine) {
    let server = boot(WEB, machine).options(["-m", "32M"]).limit(Duration::from_secs(120)).serve();
    fifty_clients(server.address, "/static/index.html", include_bytes!("../../examples/web/static/index.html"));
});

/// Fifty connections at once, two hundred requests on each.
///
/// They are opened one after the other: QEMU's user network listens with a backlog of one, and the host's kernel
/// delays whom it turns away by seconds.
fn fifty_clients(address: SocketAddr, path: &'static str, body: &'static [u8]) {
    let ask = move |client: &mut Connection, number: usize, request: usize| {
        let answer = client.get(path);
        let answer = answer.unwrap_or_else(|error| panic!("client {number}, request {request}: {error}"));
        assert_eq!(
            (answer.status, answer.body.as_slice()),
            (200, body),
            "client {number}, request {request}"
        );
    };
    let start = Arc::new(Barrier::new(50));
    let clients: Vec<_> = (0..50)
        .map(|number| {
            let mut client = Connection::open(address).unwrap();
            ask(&mut client, number, 0);
            let start = start.clone();
            thread::spawn(move || {
                start.wait();
                (1..200).for_each(|request| ask(&mut client, number, request));
            })
        })
        .collect();
    let failed = clients.into_iter().filter_map(|client| client.join().err()).count();
    assert_eq!(failed, 0, "clients failed");
}

on_machines!([Linux, Microvm, Q35] fn clients_that_leave_half_way_harm_nobody(machine) {
    for app in [HTTP_MIN, WEB] {
        let mut server = boot(app, machine).serve();
        let mut faithful = Connection::open(server.address).unwrap();
        let expected = faithful.get("/").unwrap();
        for round in 0..30 {
            let mut client = Connection::open(server.address).unwrap();
            match round % 4 {
                // Says nothing.
                0 => {}
                // Leaves in the middle of its request.
                1 => client.stream().write_all(b"GET / HTT").unwrap(),
                // Leaves without reading the answers to many requests: closing then resets the connection.
                2 => client.stream().write_all(&b"GET / HTTP/1.1\r\nHost: kit\r\n\r\n".repeat(50)).unwrap(),
                // Says that it will send no more, then leaves.
                _ => client.stream().shutdown(Shutdown::Write).unwrap(),
            }
            drop(client);
            assert_eq!(faithful.get("/").unwrap().body, expected.body, "after round {round}");
        }
        assert_eq!(Connection::open(server.address).unwrap().get("/").unwrap().body, expected.body);
        assert!(server.process.is_running());
    }
});
