//! The page: files that are part of the program and are sent as they are. Nothing in them is secret.

use super::http::{Request, Response};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Paths with their types and contents.
const FILES: [(&str, &str, &str); 12] = [
    ("/", HTML, include_str!("page/index.html")),
    ("/page.css", CSS, include_str!("page/page.css")),
    ("/page.js", SCRIPT, include_str!("page/page.js")),
    ("/dialog.js", SCRIPT, include_str!("page/dialog.js")),
    ("/dom.js", SCRIPT, include_str!("page/dom.js")),
    ("/edit.js", SCRIPT, include_str!("page/edit.js")),
    ("/graph.js", SCRIPT, include_str!("page/graph.js")),
    ("/model.js", SCRIPT, include_str!("page/model.js")),
    ("/pane.js", SCRIPT, include_str!("page/pane.js")),
    ("/search.js", SCRIPT, include_str!("page/search.js")),
    ("/server.js", SCRIPT, include_str!("page/server.js")),
    ("/tree.js", SCRIPT, include_str!("page/tree.js")),
];

/// The file that `request` asks for, if there is one.
pub fn file(request: &Request) -> Option<Response> {
    let (_, kind, content) = FILES.iter().find(|(path, _, _)| *path == request.path)?;
    match request.method.as_str() {
        "GET" => Some(Response::new(200, kind, *content)),
        _ => Some(Response::text(405, "a page can be read with GET")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(path: &str) -> Option<Response> {
        file(&Request { method: "GET".into(), path: path.into(), ..Request::default() })
    }

    #[test]
    fn has_every_file_that_the_page_names() {
        for (path, _, content) in FILES {
            let is_file =
                |name: &&str| !name.contains(' ') && (name.ends_with(".js") || name.ends_with(".css"));
            for name in content.split('"').filter(is_file) {
                let name = name.trim_start_matches("./");
                assert!(get(&format!("/{name}")).is_some(), "{path} names {name}");
            }
        }
        assert!(get("/index.html").is_none());
    }

    /// The policy of the page (`http.rs`) allows no script or style inside of it.
    #[test]
    fn the_page_has_nothing_inline() {
        let (_, _, html) = FILES[0];
        for forbidden in ["<style", "style=", "onclick", "javascript:", "<script>", "http://", "https://"] {
            assert!(!html.contains(forbidden), "{forbidden}");
        }
    }
}
