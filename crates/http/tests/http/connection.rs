//! What a connection is told when it ends.

#![expect(clippy::unwrap_used, reason = "tests panic to fail")]

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The head of the answer to what was sent on a fresh connection.
async fn head_of_answer(sent: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/read", post(|body: Bytes| async move { body }));
    tokio::spawn(sekisho_http::serve(listener, router, std::future::pending()));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(sent.as_bytes()).await.unwrap();
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        head.push(char::from(stream.read_u8().await.unwrap()));
    }
    head.to_ascii_lowercase()
}

/// Clients that send headers and body apart would else send their next request into a closed connection.
#[tokio::test]
async fn a_body_that_is_not_read_ends_the_connection_and_the_client_is_told() {
    let headers = "HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n";
    for (sent, told) in [
        (format!("POST /nowhere {headers}"), true),
        (format!("GET /read {headers}"), true),
        (format!("POST /read {headers}ok"), false),
        ("GET /nowhere HTTP/1.1\r\nhost: a\r\n\r\n".to_owned(), false),
    ] {
        let head = head_of_answer(&sent).await;
        assert_eq!(head.contains("\r\nconnection: close\r\n"), told, "{sent} {head}");
    }
}
