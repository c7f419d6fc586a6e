//! A real browser without a window: Chromium, driven through ChromeDriver by the W3C WebDriver protocol
//! (<https://www.w3.org/TR/webdriver2/>), of which this is the part that the tests use.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::http::Connection;
use crate::image::free_port;
use crate::process::Running;
use crate::system;

/// How long the browser may take to start, and the page to become as awaited.
const LIMIT: Duration = Duration::from_secs(30);
/// The name of an element in an answer (WebDriver §12).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Keys without a character (WebDriver §17.4.2).
pub mod key {
    /// Enter.
    pub const ENTER: &str = "\u{e007}";
    /// Escape.
    pub const ESCAPE: &str = "\u{e00c}";
    /// Backspace.
    pub const BACKSPACE: &str = "\u{e003}";
    /// Tab.
    pub const TAB: &str = "\u{e004}";
    /// Arrow up.
    pub const UP: &str = "\u{e013}";
    /// Arrow down.
    pub const DOWN: &str = "\u{e015}";
    /// Arrow left.
    pub const LEFT: &str = "\u{e012}";
    /// Arrow right.
    pub const RIGHT: &str = "\u{e014}";
    /// The first row.
    pub const HOME: &str = "\u{e011}";
    /// The last row.
    pub const END: &str = "\u{e010}";
}

/// A browser with one or more tabs.
pub struct Browser {
    port: u16,
    session: String,
    /// Ends with the test, after the browser that it started.
    driver: Running,
}

impl Browser {
    /// Starts one with a new profile, and installs it where it is missing.
    pub fn start() -> Self {
        system::need("chromedriver", &["chromium", "chromium-driver"]);
        let port = free_port();
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}"));
        let mut driver = Running::start(command, b"");
        driver.wait_for("started successfully", LIMIT);
        // Root, as in CI, may not use the sandbox; the rest keeps Chromium from calling home.
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--window-size=1200,800",
        ];
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
            "unhandledPromptBehavior": "accept",
        } } });
        let mut browser = Self { port, session: String::new(), driver };
        let answer = browser.call("POST", "/session", Some(&capabilities));
        browser.session = answer["sessionId"].as_str().expect("a session has an id").to_string();
        browser
    }

    /// Opens an address in this tab and waits until the page has loaded.
    #[track_caller]
    pub fn open(&mut self, url: &str) {
        self.on_page("POST", "url", Some(&json!({ "url": url })));
    }

    /// Loads the page again.
    #[track_caller]
    pub fn reload(&mut self) {
        self.on_page("POST", "refresh", Some(&json!({})));
    }

    /// The address as the browser shows it.
    #[track_caller]
    pub fn url(&mut self) -> String {
        text(&self.on_page("GET", "url", None))
    }

    /// The name of this tab, for [`switch_to`](Self::switch_to).
    #[track_caller]
    pub fn tab(&mut self) -> String {
        text(&self.on_page("GET", "window", None))
    }

    /// Opens another tab and goes there; returns its name.
    #[track_caller]
    pub fn open_tab(&mut self) -> String {
        let tab = text(&self.on_page("POST", "window/new", Some(&json!({ "type": "tab" })))["handle"]);
        self.switch_to(&tab);
        tab
    }

    /// Goes to a tab.
    #[track_caller]
    pub fn switch_to(&mut self, tab: &str) {
        self.on_page("POST", "window", Some(&json!({ "handle": tab })));
    }

    /// Makes the window so large, in pixels.
    #[track_caller]
    pub fn resize(&mut self, width: u32, height: u32) {
        self.on_page("POST", "window/rect", Some(&json!({ "width": width, "height": height })));
    }

    /// Runs the body of a function on the page and returns what it returns.
    #[track_caller]
    pub fn run(&mut self, script: &str) -> Value {
        self.on_page("POST", "execute/sync", Some(&json!({ "script": script, "args": [] })))
    }

    /// Waits until an expression on the page is true; fails with the page's text and its log otherwise.
    #[track_caller]
    pub fn wait_until(&mut self, expression: &str) {
        let deadline = Instant::now() + LIMIT;
        while self.run(&format!("return Boolean({expression})")) != json!(true) {
            if Instant::now() > deadline {
                let (page, log) = (self.text("body"), self.log());
                panic!("not true after {LIMIT:?}: {expression}\n--- page\n{page}\n--- log\n{log:#?}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The text of the first element that matches a CSS selector, as a person sees it; empty if there is none.
    #[track_caller]
    pub fn text(&mut self, selector: &str) -> String {
        let script = format!("return document.querySelector({})?.innerText ?? ''", json!(selector));
        text(&self.run(&script))
    }

    /// Presses keys where the focus is, one after another.
    #[track_caller]
    pub fn press(&mut self, keys: &str) {
        let strokes = keys.chars().flat_map(|key| {
            [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })]
        });
        let strokes: Vec<_> = strokes.collect();
        let actions = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": strokes }] });
        self.on_page("POST", "actions", Some(&actions));
    }

    /// Clicks the first element that matches a CSS selector.
    #[track_caller]
    pub fn click(&mut self, selector: &str) {
        let query = json!({ "using": "css selector", "value": selector });
        let element = self.on_page("POST", "element", Some(&query));
        let id = text(&element[ELEMENT]);
        self.on_page("POST", &format!("element/{id}/click"), Some(&json!({})));
    }

    /// What the page has written to the console, errors of the browser about it included; each line once.
    #[track_caller]
    pub fn log(&mut self) -> Vec<String> {
        let entries = self.on_page("POST", "se/log", Some(&json!({ "type": "browser" })));
        entries
            .as_array()
            .map(|entries| entries.iter().map(|entry| text(&entry["message"])).collect())
            .unwrap_or_default()
    }

    #[track_caller]
    fn on_page(&mut self, method: &str, name: &str, body: Option<&Value>) -> Value {
        let path = format!("/session/{}/{name}", self.session);
        self.call(method, &path, body)
    }

    #[track_caller]
    fn call(&mut self, method: &str, path: &str, body: Option<&Value>) -> Value {
        match self.try_call(method, path, body) {
            Ok(value) => value,
            Err(reason) => panic!("{method} {path} {}: {reason}", body.unwrap_or(&Value::Null)),
        }
    }

    fn try_call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let answer = Connection::open(([127, 0, 0, 1], self.port).into())
            .and_then(|mut connection| connection.request(method, path, &[("Host", "127.0.0.1")], &body))
            .map_err(|error| format!("{error}\n{}", self.driver.transcript()))?;
        let mut value: Value = serde_json::from_slice(&answer.body)
            .map_err(|error| format!("WebDriver speaks JSON: {error}"))?;
        match answer.status {
            200 => Ok(value["value"].take()),
            status => Err(format!("status {status}: {value:#}")),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            let _ = self.try_call("DELETE", &format!("/session/{}", self.session), None);
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_string()
}
