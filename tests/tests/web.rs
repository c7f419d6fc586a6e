//! `kit config web` in a real browser: what a person does with the keyboard and the mouse, what is in the file
//! afterwards, and who is kept out.
//!
//! Each call of the interface is tested in `menu/src/web`; here is what only a browser or a socket can show.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::time::Duration;

use kit_tests::browser::{Browser, key};
use kit_tests::http::Connection;
use kit_tests::web::{Web, fresh_folder};
use kit_tests::{kit, root};

const LIMIT: Duration = Duration::from_secs(60);

const TREE: &str = r#"mainmenu "Sample"

menuconfig NET
	bool "Networking"
	help
	  Talks to other machines.

if NET

config SOCKETS
	int "Sockets, at most"
	range 4 64
	default 8

choice
	prompt "Stack"
	default STACK_SMALL

config STACK_SMALL
	bool "Small stack"

config STACK_FULL
	bool "Full stack"

endchoice

endif

config CACHE
	bool "Cache"

config TRACE
	bool "Trace"
	depends on NET && CACHE

config BOARD
	bool "Board"
	select CACHE

config SERVER
	string "Name of the server"
	default "kit"
"#;

const HOSTILE: &str = r#"mainmenu "<script>window.pwned = 1</script> & \"more\""

config A
	string "<img src=x onerror='window.pwned = 2'>"
	default "</script><script>window.pwned = 3</script>"
	help
	  <script>window.pwned = 4</script> <b>bold</b> &lt; &amp;
	  text that {RLO}turns round{PDF} and goes on

config NAME_THAT_NEVER_ENDS_NAME_THAT_NEVER_ENDS_NAME_THAT_NEVER_ENDS_NAME_THAT_NEVER_ENDS_NAME_THAT_NEVER_ENDS
	bool "PromptWithoutAnySpacePromptWithoutAnySpacePromptWithoutAnySpacePromptWithoutAnySpacePromptWithoutAnySpace"
	depends on A != "<i>" && A != "'\""

config HEBREW
	bool "שלום {RLO}x"

comment "</li></div><script>window.pwned = 5</script>"
"#;

/// Opens the page that was printed and waits for its rows.
#[track_caller]
fn open(browser: &mut Browser, web: &Web) {
    browser.open(&web.url);
    browser.wait_until("document.querySelector('#tree [aria-selected=true]')");
}

/// An expression for an attribute of the row of an option.
fn attribute(option: &str, attribute: &str) -> String {
    format!("document.querySelector('#tree [data-name={option}]')?.getAttribute('{attribute}')")
}

fn is_checked(option: &str) -> String {
    format!("{} === 'true'", attribute(option, "aria-checked"))
}

fn is_selected(option: &str) -> String {
    format!("document.activeElement?.dataset.name === '{option}'")
}

/// Finds an option and goes there.
#[track_caller]
fn jump(browser: &mut Browser, option: &str) {
    browser.press("/");
    browser.press(option);
    browser.wait_until(&format!(
        "document.querySelector('#hits [aria-selected=true] .name')?.textContent === '{option}'"
    ));
    browser.press(key::ENTER);
    browser.wait_until(&is_selected(option));
}

#[test]
fn with_the_keyboard_from_opening_to_closing() {
    let (web, folder) = Web::on_tree("keyboard", TREE, "CONFIG_SERVER=\"a b\"\n");
    let mut browser = Browser::start();
    open(&mut browser, &web);
    let address = web.url.split_once('#').unwrap().0;
    assert_eq!(browser.url(), address, "the token is not left in the address bar");
    assert_eq!(browser.text("#title"), "Sample");

    // The tree has the focus. Menus open and close, and values switch.
    browser.wait_until(&is_selected("NET"));
    assert_eq!(
        browser.run(&format!("return {}", attribute("NET", "aria-expanded"))),
        serde_json::Value::Null
    );
    browser.press("y");
    browser.wait_until(&is_checked("NET"));
    browser.press(key::RIGHT);
    browser.wait_until(&format!("{} === 'true'", attribute("NET", "aria-expanded")));
    browser.press(key::LEFT);
    browser.wait_until(&format!("{} === 'false'", attribute("NET", "aria-expanded")));
    browser.press(&[key::ENTER, key::DOWN].concat());
    browser.wait_until(&is_selected("SOCKETS"));
    browser.wait_until("document.querySelector('#pane .why')?.innerText.includes('default of Kconfig:13')");

    // A number says what is wrong with it while it is typed, and is not taken before it is right.
    browser.press(key::ENTER);
    browser.wait_until("document.querySelector('#note')?.innerText.includes('from 4 to 64')");
    browser.press("100");
    browser.wait_until("document.activeElement.getAttribute('aria-invalid') === 'true'");
    assert!(browser.text("#note.error").contains("4 to 64"));
    browser.press(key::ENTER);
    browser.press(key::BACKSPACE);
    browser.wait_until("document.activeElement.getAttribute('aria-invalid') === 'false'");
    browser.press(key::ENTER);
    browser.wait_until(&is_selected("SOCKETS"));
    browser.wait_until("document.querySelector('[data-name=SOCKETS] .value')?.innerText === '10'");

    // A choice is a list of which one is picked.
    browser.press(&[key::DOWN, key::ENTER, key::DOWN, key::DOWN, " "].concat());
    browser.wait_until(&is_checked("STACK_FULL"));
    browser.wait_until(&format!("!({})", is_checked("STACK_SMALL")));

    // What is hidden is found, with the reason.
    jump(&mut browser, "TRACE");
    browser.wait_until(
        "document.querySelector('[data-name=TRACE] .reason')?.innerText === 'needs CACHE (is n)'",
    );
    browser.wait_until("document.querySelector('#pane .failing')?.innerText === 'CACHE [=n]'");

    // To set it, more has to be set: nothing is before the person agrees, and one step takes all of it back.
    browser.press("y");
    browser.wait_until("document.querySelector('#dialog[open]')");
    assert_eq!(browser.text("#dialog .changes"), "CACHE: n → y\nTRACE: n → y");
    browser.press(key::ESCAPE);
    browser.wait_until(&is_selected("TRACE"));
    assert_eq!(browser.run(&format!("return {}", is_checked("CACHE"))), false);
    browser.press("y");
    browser.wait_until("document.querySelector('#dialog[open]')");
    browser.press(key::ENTER);
    browser.wait_until(&format!("{} && {}", is_checked("TRACE"), is_checked("CACHE")));
    browser.press("u");
    browser.wait_until(&format!("!({}) && !({})", is_checked("TRACE"), is_checked("CACHE")));

    // The graph leads from option to option.
    browser.press("g");
    browser.wait_until(
        "document.querySelector('#graph[open] svg .centre')?.getAttribute('aria-label').startsWith('TRACE')",
    );
    browser.press(&[key::LEFT, key::DOWN, key::ENTER].concat());
    browser.wait_until(
        "document.querySelector('#graph .centre').getAttribute('aria-label').startsWith('CACHE')",
    );
    browser.click("#graph svg g[aria-label^='BOARD'] rect");
    browser.wait_until(
        "document.querySelector('#graph .centre').getAttribute('aria-label').startsWith('BOARD')",
    );
    assert_eq!(browser.run("return document.querySelectorAll('#graph path.selects').length"), 1);
    browser.click("#graph-entry");
    browser.wait_until(&is_selected("BOARD"));

    // Saved is what was changed, in the format of `conf`, and nothing is asked at the end.
    assert!(browser.run("return document.title").as_str().unwrap().starts_with('●'));
    assert_eq!(browser.run("return !dispatchEvent(new Event('beforeunload', { cancelable: true }))"), true);
    browser.press("s");
    browser.wait_until("document.querySelector('#status').innerText === 'saved .config'");
    let saved = fs::read_to_string(folder.join(".config")).unwrap();
    let values: Vec<_> = saved.lines().filter(|line| line.contains("CONFIG_")).collect();
    let expected = [
        "CONFIG_NET=y",
        "CONFIG_SOCKETS=10",
        "# CONFIG_STACK_SMALL is not set",
        "CONFIG_STACK_FULL=y",
        "# CONFIG_CACHE is not set",
        "# CONFIG_BOARD is not set",
        "CONFIG_SERVER=\"a b\"",
    ];
    assert_eq!(values, expected, "{saved}");
    assert_eq!(browser.log(), [] as [&str; 0]);
    browser.press("q");
    browser.wait_until("document.querySelector('#ended')");
    let end = web.process.finish(LIMIT).expect_code(0);
    assert_eq!((end.stdout.lines().count(), end.stderr.as_str()), (1, ""));
    assert_eq!(browser.log(), [] as [&str; 0]);
}

#[test]
fn an_app_keeps_the_comments_of_its_kit_toml() {
    let folder = fresh_folder("app");
    fs::create_dir(folder.join("src")).unwrap();
    fs::write(folder.join("src/main.rs"), "fn main() {}\n").unwrap();
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n";
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    let kit_toml =
        "# The shop.\n[config]\n# Few come.\nNET_SOCKETS = 64 # at most\n\n[run]\nmemory = \"64M\"\n";
    fs::write(folder.join("kit.toml"), kit_toml).unwrap();

    let web = Web::start(&[], &folder);
    let mut browser = Browser::start();
    open(&mut browser, &web);
    browser.wait_until("document.querySelector('#size').innerText.includes('micro-libraries')");
    jump(&mut browser, "NET_SOCKETS");
    browser.wait_until("document.querySelector('#pane .why')?.innerText.includes('kit.toml:4')");
    browser.press(key::ENTER);
    browser.wait_until("document.querySelector('.edit #note:not(:empty)')");
    browser.press(&["128", key::ENTER].concat());
    browser.wait_until("document.querySelector('[data-name=NET_SOCKETS] .value')?.innerText === '128'");
    jump(&mut browser, "SCHED_COOP");
    // With the mouse: the circle of the entry, and the button.
    browser.click("[data-name=SCHED_COOP] .mark");
    browser.wait_until(&is_checked("SCHED_COOP"));
    browser.click("#save");
    browser.wait_until("document.querySelector('#status').innerText.startsWith('saved ')");
    let expected = kit_toml.replace("64 # at most\n", "128 # at most\nSCHED_COOP = true\n");
    assert_eq!(fs::read_to_string(folder.join("kit.toml")).unwrap(), expected);

    // Close with a change asks, and goes on if that is what is wanted.
    browser.press("u");
    browser.wait_until("document.querySelector('#store.changed')");
    browser.click("#quit");
    browser.wait_until("document.querySelector('#dialog[open]')");
    browser.press(key::ESCAPE);
    browser.click("#quit");
    browser.wait_until("document.querySelector('#dialog[open]')");
    browser.click("#dialog .actions button:nth-child(2)");
    browser.wait_until("document.querySelector('#ended')");
    web.process.finish(LIMIT).expect_code(0);
    assert_eq!(fs::read_to_string(folder.join("kit.toml")).unwrap(), expected, "discarded is not saved");
    assert_eq!(browser.log(), [] as [&str; 0]);
}

#[test]
fn several_tabs_and_a_server_that_has_gone() {
    let (web, folder) = Web::on_tree("tabs", TREE, "");
    let mut browser = Browser::start();
    open(&mut browser, &web);
    let first = browser.tab();
    // A number that is hidden can be typed; what it needs is offered then.
    jump(&mut browser, "SOCKETS");
    browser.press(key::ENTER);
    browser.wait_until("document.querySelector('#note')?.innerText === 'needs NET (is n)'");
    browser.press(&["10", key::ENTER].concat());
    browser.wait_until(
        "document.querySelector('#dialog[open] .changes')?.innerText.includes('SOCKETS: 0 → 10')",
    );
    browser.press(key::ESCAPE);
    browser.wait_until(&is_selected("SOCKETS"));
    jump(&mut browser, "TRACE");
    browser.press("y");
    browser.wait_until("document.querySelector('#dialog[open]')");
    assert!(browser.text("#dialog .changes").contains("NET: n → y"));

    // The other tab changes what the first one is about to agree to. It is asked again.
    let second = browser.open_tab();
    open(&mut browser, &web);
    browser.press("y");
    browser.wait_until(&is_checked("NET"));
    browser.switch_to(&first);
    browser.wait_until(&is_checked("NET"));
    browser.press(key::ENTER);
    browser.wait_until("document.querySelector('#dialog[open]')?.innerText.includes('changed meanwhile')");
    assert_eq!(browser.text("#dialog .changes"), "CACHE: n → y\nTRACE: n → y");
    browser.press(key::ENTER);
    browser.wait_until(&is_checked("TRACE"));
    browser.switch_to(&second);
    browser.wait_until(&is_checked("CACHE"));

    // A reload finds what was open and selected, without the token in the address.
    browser.press(&[key::RIGHT, key::DOWN].concat());
    browser.wait_until(&is_selected("SOCKETS"));
    browser.reload();
    browser.wait_until(&is_selected("SOCKETS"));

    // What cannot be saved is not lost.
    fs::remove_dir_all(&folder).unwrap();
    browser.press("s");
    browser
        .wait_until("document.querySelector('#status .error')?.innerText.startsWith('cannot write .config')");
    browser.wait_until("document.querySelector('#store.changed')");

    web.process.interrupt();
    let end = web.process.finish(LIMIT).expect_code(1);
    assert_eq!(end.stderr, "kit: ended with changes that were not saved to .config\n");
    browser.press("u");
    browser
        .wait_until("document.querySelector('#gone:not([hidden])')?.innerText.includes('does not answer')");
}

#[test]
fn texts_of_the_tree_stay_texts() {
    // Characters that turn the text after them round.
    let kconfig = HOSTILE.replace("{RLO}", "\u{202e}").replace("{PDF}", "\u{202c}");
    let (web, _) = Web::on_tree("hostile", &kconfig, "CONFIG_A=\"\u{1}<b>'\\\"\"\n");
    let mut browser = Browser::start();
    open(&mut browser, &web);
    let check = |browser: &mut Browser, place: &str| {
        let found = browser.run(
            "return [window.pwned, document.querySelectorAll('script, img, b, i:not(.legend i)').length]",
        );
        assert_eq!(found, serde_json::json!([null, 1]), "{place}: the page's own script and nothing else");
        for width in [1200, 500] {
            browser.resize(width, 800);
            let wider = "return ['#tree', '#pane', 'body'].filter((name) => { \
                const box = document.querySelector(name); return box.scrollWidth > box.clientWidth + 1; })";
            assert_eq!(browser.run(wider), serde_json::json!([]), "{place}: it fits into {width} pixels");
        }
    };
    browser.wait_until("document.querySelector('#pane pre, #pane .help p')");
    assert!(browser.text("#pane .help").contains("<script>window.pwned = 4</script> <b>bold</b> &lt; &amp;"));
    assert!(browser.text("#pane .help").contains("that \u{fffd}turns round\u{fffd} and"));
    assert_eq!(browser.text("[data-name=A] .value"), "\u{2401}<b>'\"");
    check(&mut browser, "the tree");
    browser.press(key::DOWN);
    browser.wait_until("document.querySelector('#pane .name')?.innerText.startsWith('NAME_THAT')");
    check(&mut browser, "a name without end");
    browser.press("g");
    browser.wait_until("document.querySelector('#graph[open] svg')");
    let texts = browser.run("return document.querySelector('#graph svg').textContent");
    assert!(texts.as_str().unwrap().contains("\u{fffd}<b>'\""), "a value is in the picture: {texts}");
    check(&mut browser, "the graph");
    browser.press(&[key::ESCAPE, "/script"].concat());
    browser.wait_until("document.querySelector('#hits:not([hidden]) mark')");
    check(&mut browser, "search");
    browser.press(&[key::ESCAPE, key::HOME, key::ENTER].concat());
    browser.wait_until("document.querySelector('.edit #note:not(:empty)')");
    browser.press(&["<u>", key::ENTER].concat());
    browser.wait_until("document.querySelector('[data-name=A] .value')?.innerText === '<u>'");
    browser.wait_until("document.querySelector('#status').innerText.includes('<u>')");
    check(&mut browser, "the outcome");
    assert_eq!(browser.log(), [] as [&str; 0]);
}

#[test]
fn thousands_of_rows_are_drawn_as_they_are_needed() {
    let options: String =
        (0..3000).map(|number| format!("config O{number}\n\tbool \"option {number}\"\n")).collect();
    let (web, _) = Web::on_tree("many", &format!("mainmenu \"Many\"\n{options}"), "");
    let mut browser = Browser::start();
    open(&mut browser, &web);
    let is_in_sight = |option: &str| {
        format!(
            "(() => {{ const row = document.activeElement.getBoundingClientRect(); \
             const tree = document.querySelector('#tree').getBoundingClientRect(); \
             return {} && row.top >= tree.top && row.bottom <= tree.bottom; }})()",
            is_selected(option)
        )
    };
    for (keys, option) in
        [(key::END, "O2999"), (key::UP, "O2998"), (key::HOME, "O0"), ("/O1500\u{e007}", "O1500")]
    {
        browser.press(keys);
        browser.wait_until(&is_in_sight(option));
        browser
            .wait_until(&format!("document.querySelector('#pane .name').innerText.startsWith('{option} ')"));
        let drawn = browser.run("return document.querySelectorAll('#tree [data-node]').length");
        assert!(drawn.as_u64().unwrap() < 500, "{drawn} rows are drawn");
    }
    // The browser tells a screen reader where it is nevertheless.
    assert_eq!(browser.run("return document.activeElement.getAttribute('aria-posinset')"), "1501");
    assert_eq!(browser.run("return document.activeElement.getAttribute('aria-setsize')"), "3000");
    browser.press(" ");
    browser.wait_until(&format!("{} && {}", is_checked("O1500"), is_in_sight("O1500")));
    assert_eq!(browser.log(), [] as [&str; 0]);
}

#[test]
fn nobody_else_is_served() {
    let (web, folder) = Web::on_tree("guard", TREE, "CONFIG_NET=y\n");
    let local = format!("http://127.0.0.1:{}", web.port());
    let state = |headers: &[(&str, &str)]| web.ask("GET", "/api/state", headers, "").status;
    assert_eq!(state(&[]), 200);
    assert_eq!(state(&[("Origin", &local)]), 200);
    assert_eq!(state(&[("X-Kit-Token", "")]), 403, "no token");
    assert_eq!(state(&[("X-Kit-Token", &"0".repeat(32))]), 403, "a wrong token");
    assert_eq!(state(&[("Host", "evil.example")]), 403, "a name that leads here");
    for origin in ["http://evil.example", "https://127.0.0.1", "null"] {
        assert_eq!(state(&[("Origin", origin)]), 403, "{origin}");
    }
    // What is refused changes nothing.
    let undo = web.ask("POST", "/api/save", &[("Origin", "http://evil.example")], "{}");
    assert_eq!(undo.status, 403);
    assert_eq!(fs::read_to_string(folder.join(".config")).unwrap(), "CONFIG_NET=y\n");

    // The page itself has no secrets, and may load nothing from elsewhere.
    let page = web.ask("GET", "/", &[("X-Kit-Token", "")], "");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(!page.text().contains(web.token()));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(web.ask("GET", "/../Cargo.toml", &[], "").status, 404);

    // Noise ends a connection and nothing else.
    let noise: [&[u8]; 4] = [
        b"\x16\x03\x01\x02\x00\x01",
        b"GET /\r\n\r\n",
        b"POST /api/set HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
        b"",
    ];
    for bytes in noise {
        let mut connection = Connection::open(([127, 0, 0, 1], web.port()).into()).unwrap();
        connection.stream().write_all(bytes).unwrap();
        connection.stream().shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        let _ = connection.stream().read_to_string(&mut answer);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
    assert_eq!(state(&[]), 200);

    // Without a browser: what is asked for is done, and Ctrl-C says that nothing is lost.
    let hits = web.ask("GET", "/api/search?q=SOCKETS", &[], "");
    let hits: serde_json::Value = serde_json::from_slice(&hits.body).unwrap();
    let body = serde_json::json!({ "symbol": hits["hits"][0]["symbol"], "value": "12" }).to_string();
    assert!(web.ask("POST", "/api/set", &[], &body).text().contains("SOCKETS: 8 → 12"));
    assert!(web.ask("POST", "/api/save", &[], "{}").text().contains("saved .config"));
    assert!(fs::read_to_string(folder.join(".config")).unwrap().contains("CONFIG_SOCKETS=12\n"));
    web.process.interrupt();
    let end = web.process.finish(LIMIT).expect_code(0);
    assert_eq!(end.stderr, "");
}

#[test]
fn a_port_that_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let tree = root().join("menu/tests/tui/Kconfig");
    let output =
        kit::run(["config", "web", "--port", &port, "--kconfig", tree.to_str().unwrap()]).expect_code(1);
    let expected = format!("kit: port {port} of 127.0.0.1 is taken: leave out `--port` to use a free one\n");
    assert_eq!((output.stdout.as_str(), output.stderr), ("", expected));
}
