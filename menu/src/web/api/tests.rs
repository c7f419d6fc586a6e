//! Each call, with what it answers to good and to bad input.

use super::*;
use crate::session::fixture::{Memory, SYSTEM, session, session_in};

/// Asks, and demands a status.
#[track_caller]
fn ask(api: &mut Api, method: &str, call: &str, body: Option<Value>, status: u16) -> Value {
    let (path, query) = call.split_once('?').unwrap_or((call, ""));
    let request = Request {
        method: method.to_string(),
        path: format!("/api/{path}"),
        query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        headers: vec![("content-type".to_string(), "application/json".to_string())],
        body: body.map(|body| body.to_string().into_bytes()).unwrap_or_default(),
    };
    let response = api.answer(&request);
    let text = String::from_utf8(response.body).unwrap();
    assert_eq!(response.status, status, "{method} {call}: {text}");
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

#[track_caller]
fn get(api: &mut Api, call: &str) -> Value {
    ask(api, "GET", call, None, 200)
}

#[track_caller]
fn post(api: &mut Api, call: &str, body: Value) -> Value {
    ask(api, "POST", call, Some(body), 200)
}

fn api() -> Api {
    Api::new(session(SYSTEM, ""))
}

fn symbol_of(api: &Api, name: &str) -> u32 {
    api.session.named(name).0
}

fn node_of(api: &Api, name: &str) -> u32 {
    api.session.entry(name).0
}

/// The menu or choice around an entry.
fn menu_of(api: &Api, name: &str) -> u32 {
    api.session.menu_of(api.session.entry(name)).0
}

/// The rows as lines: level, kind, name or prompt, value.
fn lines(tree: &Value) -> Vec<String> {
    let line = |row: &Value| {
        let what = row["name"].as_str().or(row["prompt"].as_str()).unwrap();
        let value = row["value"].as_str().map(|value| format!(" = {value}")).unwrap_or_default();
        format!("{} {} {what}{value}", row["level"], row["kind"].as_str().unwrap())
    };
    tree["rows"].as_array().unwrap().iter().map(line).collect()
}

#[test]
fn tells_the_state() {
    let mut api = api();
    let state = get(&mut api, "state");
    assert_eq!(state["title"], "System");
    assert_eq!(state["store"], "memory");
    assert_eq!(state["changed"], false);
    assert_eq!((&state["undo"], &state["problems"]), (&Value::Null, &json!(0)));
    let net = symbol_of(&api, "NET");
    post(&mut api, "toggle", json!({ "symbol": net }));
    let state = get(&mut api, "state");
    assert_eq!(state["changed"], true);
    assert_eq!(state["undo"], "set NET=y");
    assert_eq!(state["version"], 1);
}

#[test]
fn gives_the_rows_of_open_menus() {
    let mut api = api();
    let closed = get(&mut api, "tree");
    let expected = [
        "0 bool MODULES = n",
        "0 menu Networking",
        "0 bool CACHE = n",
        "0 bool TRACE = n",
        "0 bool OFFLINE = n",
        "0 hex BASE = 0x10",
        "0 comment Networking is off",
    ];
    assert_eq!(lines(&closed), expected);
    assert_eq!(closed["state"]["title"], "System");
    let net = symbol_of(&api, "NET");
    post(&mut api, "toggle", json!({ "symbol": net }));
    let menus = [menu_of(&api, "NET"), menu_of(&api, "SOCKETS"), menu_of(&api, "STACK_FULL")];
    let open = menus.map(|menu| menu.to_string()).join(",");
    let tree = get(&mut api, &format!("tree?open={open}"));
    let expected = [
        "0 menu Networking",
        "1 bool NET = y",
        "2 choice Stack = Small stack",
        "3 member STACK_SMALL = y",
        "3 member STACK_FULL = n",
        "2 int SOCKETS = 8",
    ];
    assert_eq!(lines(&tree)[1..7], expected);
    // What is inside of a closed menu is not shown even if it is open itself.
    let inner = get(&mut api, &format!("tree?open={},{}", menus[1], menus[2]));
    assert_eq!(lines(&inner)[1..3], ["0 menu Networking", "0 bool DRIVER = n"]);
    let all = get(&mut api, "tree?all=1");
    let fast = all["rows"].as_array().unwrap().iter().find(|row| row["name"] == "FAST").unwrap();
    assert_eq!((fast["hidden"].as_str(), &fast["changeable"]), (Some("needs DRIVER (is n)"), &json!(false)));
    for bad in ["tree?open=x", "tree?open=99999", "tree?open=-1", "tree?open=1,,x"] {
        ask(&mut api, "GET", bad, None, 400);
    }
}

#[test]
fn finds_the_way_to_an_entry() {
    let mut api = api();
    let (small, net) = (node_of(&api, "STACK_SMALL"), node_of(&api, "NET"));
    let menus = [0, menu_of(&api, "NET"), menu_of(&api, "SOCKETS"), menu_of(&api, "STACK_SMALL")];
    assert_eq!(get(&mut api, &format!("locate?node={small}")), json!({ "menus": menus, "hidden": true }));
    assert_eq!(get(&mut api, &format!("locate?node={net}"))["hidden"], false);
    assert_eq!(get(&mut api, "locate?node=0"), json!({ "menus": [0], "hidden": false }));
    for bad in ["locate", "locate?node=", "locate?node=4294967296", "locate?node=77777"] {
        let answer = ask(&mut api, "GET", bad, None, 400);
        assert!(answer["error"].as_str().unwrap().starts_with("a node is a number below"), "{answer}");
    }
}

#[test]
fn explains() {
    let mut api = Api::new(session(SYSTEM, "CONFIG_NET=y\n"));
    let sockets = symbol_of(&api, "SOCKETS");
    let all = get(&mut api, &format!("explain?symbol={sockets}"));
    assert_eq!((&all["name"], &all["kind"], &all["value"]), (&json!("SOCKETS"), &json!("int"), &json!("8")));
    assert!(all["why"].as_str().unwrap().starts_with("default of Kconfig:"), "{all}");
    assert_eq!(all["default"], "default 8");
    assert_eq!(all["range"], json!(["1", "64"]));
    assert_eq!(all["depends"][0]["text"], "NET");
    assert_eq!(all["depends"][0]["state"], "met");
    assert_eq!(all["definitions"][0]["path"], "System › Networking › Networking");
    let fast = node_of(&api, "FAST");
    let hidden = get(&mut api, &format!("explain?node={fast}"));
    assert_eq!(hidden["depends"][0]["state"], "failing");
    assert_eq!(hidden["selects"][0]["name"], "CACHE");
    assert_eq!(hidden["selects"][0]["active"], false);
    let net = symbol_of(&api, "NET");
    assert_eq!(get(&mut api, &format!("explain?symbol={net}"))["why"], "set in memory:1");
    let menu = menu_of(&api, "NET");
    assert_eq!(get(&mut api, &format!("explain?node={menu}"))["symbol"], Value::Null);
    for bad in ["explain", "explain?node=x", "explain?symbol=99999", "explain?symbol=99999&node=1"] {
        ask(&mut api, "GET", bad, None, 400);
    }
}

#[test]
fn searches() {
    let mut api = api();
    let found = get(&mut api, "search?q=small%20stack");
    assert_eq!(found["hits"][0]["name"]["text"], "STACK_SMALL");
    assert_eq!(found["hits"][0]["hidden"], true);
    assert!(!found["hits"][0]["prompt"]["matching"].as_array().unwrap().is_empty());
    assert_eq!(
        get(&mut api, "search?q=ethernet")["hits"][0]["help"]["text"],
        "Talks to other machines over Ethernet."
    );
    assert_eq!(get(&mut api, "search?q=%22%3Cscript%3E")["total"], 0);
    // However much matches, the page is sent a list that a person can read.
    let many: String = (0..300).map(|number| format!("config THING_{number}\n\tbool \"thing\"\n")).collect();
    let found = get(&mut Api::new(session(&many, "")), "search?q=thing");
    assert_eq!((&found["total"], found["hits"].as_array().unwrap().len()), (&json!(300), HITS));
}

#[test]
fn draws_the_graph() {
    let mut api = api();
    let net = symbol_of(&api, "NET");
    let svg = get(&mut api, &format!("graph?symbol={net}"));
    assert!(svg.as_str().unwrap().starts_with("<svg "), "{svg}");
    ask(&mut api, "GET", "graph?symbol=nothing", None, 400);
}

#[test]
fn judges_what_is_typed() {
    let mut api = Api::new(session(SYSTEM, "CONFIG_NET=y\n"));
    let sockets = symbol_of(&api, "SOCKETS");
    let good = get(&mut api, &format!("check?symbol={sockets}&text=12"));
    assert_eq!(good["error"], Value::Null);
    assert!(good["expected"].as_str().unwrap().contains("1 to 64"), "{good}");
    let bad = get(&mut api, &format!("check?symbol={sockets}&text=65"));
    assert!(bad["error"].as_str().unwrap().contains("1 to 64"), "{bad}");
    assert!(get(&mut api, &format!("check?symbol={sockets}&text=%F0%9F%98%80"))["error"].is_string());
    assert_eq!(api.session.value_of("SOCKETS"), "8");
    ask(&mut api, "GET", "check?text=1", None, 400);
}

#[test]
fn sets_and_takes_back() {
    let mut api = Api::new(session(SYSTEM, "CONFIG_NET=y\n"));
    let (driver, sockets, full) =
        (symbol_of(&api, "DRIVER"), symbol_of(&api, "SOCKETS"), symbol_of(&api, "STACK_FULL"));
    let outcome = post(&mut api, "set", json!({ "symbol": sockets, "value": "9" }));
    assert_eq!(outcome, json!({ "label": "set SOCKETS=9", "changes": ["SOCKETS: 8 → 9"] }));
    assert_eq!(post(&mut api, "toggle", json!({ "symbol": full }))["changes"][0], "STACK_FULL: n → y");
    assert_eq!(post(&mut api, "toggle", json!({ "symbol": driver }))["label"], "set DRIVER=y");
    assert_eq!(post(&mut api, "undo", json!({}))["label"], "undone: set DRIVER=y");
    assert_eq!(post(&mut api, "redo", json!({}))["label"], "redone: set DRIVER=y");
    assert_eq!(post(&mut api, "redo", json!({})), json!({ "refused": "nothing can be redone" }));
    assert_eq!(post(&mut api, "unset", json!({ "symbol": sockets }))["changes"][0], "SOCKETS: 9 → 8");
    let menu = node_of(&api, "NET");
    let reset = post(&mut api, "reset", json!({ "node": menu }));
    assert_eq!(reset["changes"][0], "NET: y → n");
    assert_eq!(api.version, 7, "a refusal is no change");
}

#[test]
fn refuses_with_a_plan_and_carries_out_no_other() {
    let mut api = api();
    let (fast, driver) = (symbol_of(&api, "FAST"), symbol_of(&api, "DRIVER"));
    let refusal = post(&mut api, "set", json!({ "symbol": fast, "value": "y" }));
    assert_eq!(refusal["refused"], "FAST=y: needs DRIVER (is n)");
    assert_eq!((&refusal["symbol"], &refusal["wanted"]), (&json!(fast), &json!("y")));
    assert_eq!(refusal["condition"][0]["state"], "failing");
    let plan = refusal["plan"].clone();
    let has = |line: &str| plan.as_array().unwrap().iter().any(|found| found == line);
    assert!(has("NET: n → y") && has("DRIVER: n → y") && has("FAST: n → y"), "{plan}");

    let agreed = |plan: &Value| json!({ "symbol": fast, "value": "y", "plan": plan });
    let other = post(&mut api, "apply", agreed(&json!(["FAST: n → y"])));
    assert_eq!(other["plan"], plan, "it is offered anew, nothing is done");
    assert!(!api.is_changed());
    // Something changes in another tab: the plan is another by now.
    let net = symbol_of(&api, "NET");
    post(&mut api, "set", json!({ "symbol": net, "value": "y" }));
    let anew = post(&mut api, "apply", agreed(&plan));
    assert!(anew["refused"].is_string() && anew["plan"] != plan, "{anew}");
    assert_eq!(api.session.value_of("FAST"), "n");
    let outcome = post(&mut api, "apply", agreed(&anew["plan"]));
    assert_eq!(outcome["label"], "set FAST=y with what it needs");
    assert_eq!(
        post(&mut api, "undo", json!({}))["changes"].as_array().unwrap().len(),
        outcome["changes"].as_array().unwrap().len()
    );
    // What stood in the way has gone: the wish alone is carried out.
    post(&mut api, "set", json!({ "symbol": driver, "value": "y" }));
    assert_eq!(post(&mut api, "apply", agreed(&anew["plan"]))["label"], "set FAST=y");
}

#[test]
fn lists_problems_and_repairs_them() {
    let stored = "CONFIG_NETT=y\nCONFIG_FAST=y\n";
    let mut api = Api::new(session(SYSTEM, stored));
    let problems = get(&mut api, "problems");
    assert_eq!(get(&mut api, "state")["problems"], problems.as_array().unwrap().len());
    let find = |problems: &Value, word: &str| {
        let mut list = problems.as_array().unwrap().iter();
        list.find(|problem| problem["message"].as_str().unwrap().contains(word)).unwrap().clone()
    };
    let unknown = find(&problems, "NETT");
    let remove =
        unknown["repairs"].as_array().unwrap().iter().find(|way| way["label"] == "remove NETT").unwrap();
    assert_eq!(remove["plan"], Value::Null);
    post(&mut api, "repair", json!({ "problem": unknown["message"], "repair": "remove NETT" }));
    let gone = post(&mut api, "repair", json!({ "problem": unknown["message"], "repair": "remove NETT" }));
    assert_eq!(gone, json!({ "refused": "that problem is gone" }));

    // A repair that sets more is agreed to with its changes.
    let unmet = find(&get(&mut api, "problems"), "FAST");
    let with_plan = unmet["repairs"].as_array().unwrap().iter().find(|way| way["plan"].is_array()).unwrap();
    let mut call = json!({ "problem": unmet["message"], "repair": with_plan["label"] });
    assert!(post(&mut api, "repair", call.clone())["refused"].is_string());
    call["plan"] = with_plan["plan"].clone();
    post(&mut api, "repair", call);
    assert_eq!(api.session.value_of("FAST"), "y");
}

#[test]
fn saves() {
    let store = Memory::new("");
    let mut api = Api::new(session_in(SYSTEM, &store));
    let net = symbol_of(&api, "NET");
    post(&mut api, "toggle", json!({ "symbol": net }));
    assert_eq!(post(&mut api, "save", json!({})), json!({ "label": "saved memory", "changes": [] }));
    assert_eq!(store.text(), "CONFIG_NET=y\n");
    assert!(!api.is_changed() && !api.is_closed());
    post(&mut api, "quit", json!({}));
    assert!(api.is_closed());
}

#[test]
fn what_makes_no_sense_is_an_error() {
    let mut api = api();
    let net = symbol_of(&api, "NET");
    assert_eq!(ask(&mut api, "GET", "nothing", None, 404)["error"], "there is no such call");
    ask(&mut api, "POST", "nothing", Some(json!({})), 404);
    ask(&mut api, "POST", "state", Some(json!({})), 404);
    ask(&mut api, "DELETE", "state", None, 405);
    let bodies = [
        json!({}),
        json!({ "symbol": net }),
        json!({ "symbol": "NET", "value": "y" }),
        json!({ "symbol": 99_999, "value": "y" }),
        json!({ "symbol": -1, "value": "y" }),
        json!([net, "y", 3]),
    ];
    for body in bodies {
        ask(&mut api, "POST", "set", Some(body), 400);
    }
    for call in ["apply", "toggle", "unset", "reset", "repair"] {
        ask(&mut api, "POST", call, Some(json!({ "node": 99_999, "symbol": 99_999 })), 400);
        ask(&mut api, "POST", call, None, 400);
    }
    // A form of a foreign page.
    let request = Request {
        method: "POST".into(),
        path: "/api/set".into(),
        headers: vec![("content-type".into(), "text/plain".into())],
        body: json!({ "symbol": net, "value": "y" }).to_string().into(),
        ..Request::default()
    };
    assert_eq!(api.answer(&request).status, 400);
    assert!(!api.is_changed() && api.version == 0);
    // A value that is none is an answer, whatever it is.
    for value in ["", "\0", "2", "<script>", "y\nCONFIG_X=y"] {
        assert!(
            post(&mut api, "set", json!({ "symbol": net, "value": value }))["refused"].is_string(),
            "{value:?}"
        );
    }
}
