//! A small web service on axum and tokio: text, JSON, a slow answer, a stream, and files held in memory.
//!
//! `PORT` says where it listens (default 8080).

use std::convert::Infallible;
use std::time::Duration;
use std::{env, io};

use axum::body::Body;
use axum::extract::{Path, Query};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::time::sleep;

/// Path, content type and bytes of each file below `/static/`.
const FILES: [(&str, &str, &[u8]); 2] = [
    ("index.html", "text/html; charset=utf-8", include_bytes!("../static/index.html")),
    ("style.css", "text/css", include_bytes!("../static/style.css")),
];

#[tokio::main]
async fn main() -> io::Result<()> {
    let port = env::var("PORT").unwrap_or_else(|_| "8080".to_string());
    let routes = Router::new()
        .route("/", get(|| async { "Hello from axum!\n" }))
        .route("/echo", post(echo))
        .route("/slow", get(slow))
        .route("/stream", get(count_down))
        .route("/static/{*path}", get(file));
    let listener = TcpListener::bind(format!("0.0.0.0:{port}")).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, routes).await
}

#[derive(Deserialize)]
struct Message {
    text: String,
    times: u8,
}

#[derive(Serialize)]
struct Echo {
    text: String,
    letters: usize,
}

/// `{"text": "ab", "times": 2}` becomes `{"text": "abab", "letters": 4}`.
async fn echo(Json(message): Json<Message>) -> Json<Echo> {
    let text = message.text.repeat(message.times.into());
    Json(Echo { letters: text.chars().count(), text })
}

#[derive(Deserialize)]
struct Delay {
    ms: Option<u64>,
}

/// Answers after `?ms=` milliseconds (default 200), while the server goes on with other requests.
async fn slow(Query(delay): Query<Delay>) -> String {
    let milliseconds = delay.ms.unwrap_or(200);
    sleep(Duration::from_millis(milliseconds)).await;
    format!("slept {milliseconds} ms\n")
}

/// Sends one line every 20 ms, each as soon as it is due.
async fn count_down() -> Body {
    Body::from_stream(stream::unfold(5_u32, |left| async move {
        let next = left.checked_sub(1)?;
        sleep(Duration::from_millis(20)).await;
        Some((Ok::<_, Infallible>(format!("{left}\n")), next))
    }))
}

async fn file(Path(path): Path<String>) -> Response {
    match FILES.iter().find(|(name, ..)| *name == path) {
        Some(&(_, kind, bytes)) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        None => (StatusCode::NOT_FOUND, "no such file\n").into_response(),
    }
}
