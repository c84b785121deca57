#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

use std::time::Duration;

use proptest::prelude::*;
use time::macros::datetime;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::domain::time::Timestamp;

fn mailer(route: &MailRoute) -> Mailer {
    let clock = Clock::by_hand(Timestamp::new(datetime!(2026-11-23 08:00 UTC)));
    let from = "Caf de la Haute-Aure <ne-pas-repondre@haute-aure.example>".parse().unwrap();
    Mailer::new(route, from, clock, Entropy::seeded(3)).unwrap()
}

fn letter(name: &str, subject: &str, text: &str) -> Letter {
    let to = Recipient { name: name.to_owned(), address: "ewen.marsilhe@brumeval.example".to_owned() };
    Letter { to, subject: subject.to_owned(), text: text.to_owned() }
}

/// The headers, unfolded, and the body as it travels.
fn parse(bytes: &[u8]) -> (Vec<(String, String)>, String) {
    let message = std::str::from_utf8(bytes).unwrap();
    let (head, body) = message.split_once("\r\n\r\n").unwrap();
    let head = head.replace("\r\n ", " ");
    let headers = head.split("\r\n").map(|line| line.split_once(':').unwrap());
    (headers.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect(), body.to_owned())
}

fn unquote(body: &str) -> String {
    let joined = body.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'=' {
            bytes.extend(crate::crypto::unhex(std::str::from_utf8(&tail[..2]).unwrap()).unwrap());
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap()
}

const NAMES: [&str; 9] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Type",
    "MIME-Version",
    "Content-Transfer-Encoding",
];

#[test]
fn a_letter_is_plain_french_text() {
    let folder = MailRoute::Folder("/nowhere".into());
    let text = "Bonjour Éwen,\n\nvotre code : KDM4 — à bientôt.\n.\n";
    let message =
        mailer(&folder).message(&letter("Ewen Marsilhe", "Été à Brumeval", text)).unwrap().formatted();
    let (headers, body) = parse(&message);
    let value = |name: &str| headers.iter().find(|header| header.0 == name).map_or("", |header| &header.1);
    assert_eq!(value("To"), "\"Ewen Marsilhe\" <ewen.marsilhe@brumeval.example>");
    assert_eq!(value("Date"), "Mon, 23 Nov 2026 08:00:00 +0000");
    assert_eq!(value("Auto-Submitted"), "auto-generated");
    assert_eq!(value("Content-Type"), "text/plain; charset=utf-8");
    assert_eq!(value("Content-Transfer-Encoding"), "quoted-printable");
    assert!(value("Message-ID").ends_with("@haute-aure.example>"));
    assert_eq!(value("Subject"), "=?utf-8?b?w4l0w6kgw6A=?= Brumeval");
    assert_eq!(unquote(&body), text.replace('\n', "\r\n"));
}

proptest! {
    #[test]
    fn nothing_typed_adds_a_header(
        name in "\\PC{0,60}|([a-z ]|\r\nBcc: x@y.example|\n\n|\r|\u{0}|<|>|,|\"){0,12}",
        subject in any::<String>(),
        text in any::<String>(),
    ) {
        let mailer = mailer(&MailRoute::Folder("/nowhere".into()));
        let message = mailer.message(&letter(&name, &subject, &text)).unwrap();
        let recipients: Vec<_> = message.envelope().to().iter().map(ToString::to_string).collect();
        prop_assert_eq!(recipients, ["ewen.marsilhe@brumeval.example"]);
        let (headers, _) = parse(&message.formatted());
        let mut names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        let mut expected = NAMES;
        expected.sort_unstable();
        prop_assert_eq!(names, expected);
    }
}

#[tokio::test]
async fn a_folder_gets_one_whole_file_a_letter_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("courrier");
    let mailer = mailer(&MailRoute::Folder(inside.clone()));
    for nth in 0..3 {
        mailer.send(letter("Ewen Marsilhe", &format!("Lettre {nth}"), "Bonjour")).await.unwrap();
    }
    let files: Vec<_> = std::fs::read_dir(&inside).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 3);
    for file in &files {
        assert_eq!(file.extension().unwrap(), "eml");
        let (headers, body) = parse(&std::fs::read(file).unwrap());
        assert_eq!((headers.len(), body.as_str()), (NAMES.len(), "Bonjour\r\n"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}

#[tokio::test]
async fn memory_tells_what_was_sent() {
    let from = "ne-pas-repondre@haute-aure.example".parse().unwrap();
    let clock = Clock::by_hand(Timestamp::new(datetime!(2026-11-23 08:00 UTC)));
    let mailer = Mailer::in_memory(from, clock, Entropy::seeded(3));
    let first = letter("Ewen Marsilhe", "Un", "Bonjour");
    mailer.send(first.clone()).await.unwrap();
    assert_eq!(mailer.sent(), [first]);
    let mut wrong = letter("Ewen Marsilhe", "Deux", "Bonjour");
    "ewen\r\nBcc: x@y.example".clone_into(&mut wrong.to.address);
    let refused = mailer.send(wrong).await.unwrap_err();
    assert_eq!(refused, MailError::Address);
    assert!(refused.is_permanent());
    assert_eq!(mailer.sent().len(), 1);
}

/// What a mail server of the tests does.
#[derive(Clone, Copy)]
struct Manners {
    /// To the recipient.
    verdict: &'static str,
    /// To who asks to be admitted.
    admission: &'static str,
    /// From the first byte, by STARTTLS, or never.
    tls: Option<Tls>,
}

#[derive(Clone, Copy, PartialEq)]
enum Tls {
    Wrapped,
    Offered,
}

const PLAIN: Manners = Manners { verdict: "250 oui", admission: "235 admis", tls: None };

/// A mail server, and what it received.
struct Server {
    port: u16,
    received: tokio::task::JoinHandle<String>,
    /// The certificate it shows, in PEM.
    certificate: String,
}

impl Server {
    async fn start(manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let issued = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let key = rustls::pki_types::PrivatePkcs8KeyDer::from(issued.signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![issued.cert.der().clone()], key.into())
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let received = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            match manners.tls {
                None => converse(stream, manners, Turn::First { offers_tls: false }).await.0,
                Some(Tls::Wrapped) => match acceptor.accept(stream).await {
                    Ok(stream) => converse(stream, manners, Turn::First { offers_tls: false }).await.0,
                    Err(_) => String::new(),
                },
                Some(Tls::Offered) => {
                    let (before, stream) = converse(stream, manners, Turn::First { offers_tls: true }).await;
                    let stream = acceptor.accept(stream.unwrap()).await.unwrap();
                    before + &converse(stream, manners, Turn::AfterTls).await.0
                }
            }
        });
        Self { port, received, certificate: issued.cert.pem() }
    }

    fn route(&self, scheme: &str, host: &str) -> MailRoute {
        MailRoute::parse(&format!("{scheme}://portail:s%40crit@{host}:{}", self.port)).unwrap()
    }

    fn authority(&self) -> Authority {
        Authority::parse(self.certificate.as_bytes()).unwrap()
    }

    async fn received(self) -> String {
        tokio::time::timeout(Duration::from_secs(10), self.received).await.unwrap().unwrap()
    }
}

/// Where a conversation is.
#[derive(Clone, Copy, PartialEq)]
enum Turn {
    First { offers_tls: bool },
    AfterTls,
}

/// Answers until the client leaves, or asks for TLS: then the stream comes back.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    manners: Manners,
    turn: Turn,
) -> (String, Option<S>) {
    let mut stream = BufReader::new(stream);
    let mut received = String::new();
    if turn != Turn::AfterTls {
        stream.write_all(b"220 courrier.example\r\n").await.unwrap();
    }
    let mut in_body = false;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return (received, None);
        }
        received.push_str(line.trim_end());
        received.push('\n');
        let answer = match line.trim_end().split([' ', ':']).next().unwrap() {
            "." => {
                in_body = false;
                "250 gardé"
            }
            _ if in_body => continue,
            "EHLO" if turn == (Turn::First { offers_tls: true }) => "250-courrier.example\r\n250 STARTTLS",
            "EHLO" => "250-courrier.example\r\n250 AUTH PLAIN",
            "STARTTLS" => {
                stream.write_all(b"220 chut\r\n").await.unwrap();
                return (received, Some(stream.into_inner()));
            }
            "AUTH" => manners.admission,
            "RCPT" => manners.verdict,
            "DATA" => {
                in_body = true;
                "354 j’écoute"
            }
            "QUIT" => return (received, None),
            _ => "250 oui",
        };
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.write_all(b"\r\n").await.unwrap();
    }
}

#[tokio::test]
async fn a_mail_server_receives_the_letter_from_who_was_admitted() {
    let server = Server::start(PLAIN).await;
    let mailer = mailer(&server.route("smtp", "127.0.0.1"));
    mailer.send(letter("Ewen Marsilhe", "Bonjour", "Votre code")).await.unwrap();
    drop(mailer);
    let received = server.received().await;
    assert!(received.contains("AUTH PLAIN AHBvcnRhaWwAc0Bjcml0"), "{received}");
    assert!(received.contains("RCPT TO:<ewen.marsilhe@brumeval.example>"), "{received}");
    assert!(received.contains("\nVotre code\n"), "{received}");
}

#[tokio::test]
async fn refusals_say_whether_to_try_again_and_never_whom_they_concern() {
    let cases = [
        ("550 5.1.1 <ewen.marsilhe@brumeval.example> inconnu", true),
        ("451 4.3.0 plus tard pour ewen.marsilhe@brumeval.example", false),
    ];
    for (verdict, permanent) in cases {
        let server = Server::start(Manners { verdict, ..PLAIN }).await;
        let error = mailer(&server.route("smtp", "127.0.0.1"))
            .send(letter("Ewen Marsilhe", "Bonjour", "Votre code"))
            .await
            .unwrap_err();
        assert_eq!(error.is_permanent(), permanent, "{error}");
        assert!(!format!("{error} {error:?}").contains("ewen"));
    }
    let nobody = MailRoute::parse("smtp://127.0.0.1:9").unwrap();
    let error = mailer(&nobody).send(letter("Ewen Marsilhe", "Bonjour", "Votre code")).await.unwrap_err();
    assert_eq!(error, MailError::NotNow { cause: "connection".to_owned() });
}

#[tokio::test]
async fn a_secured_server_signed_by_our_authority_receives_the_letter() {
    for (scheme, tls) in [("smtps", Tls::Wrapped), ("smtp", Tls::Offered)] {
        let server = Server::start(Manners { tls: Some(tls), ..PLAIN }).await;
        let checked = mailer(&server.route(scheme, "localhost").trusting(Some(server.authority())));
        checked.check().await.unwrap();
        drop(checked);
        let received = server.received().await;
        assert!(received.contains("AUTH PLAIN") && !received.contains("MAIL FROM"), "{received}");
        let server = Server::start(Manners { tls: Some(tls), ..PLAIN }).await;
        let mailer = mailer(&server.route(scheme, "localhost").trusting(Some(server.authority())));
        mailer.send(letter("Ewen Marsilhe", "Bonjour", "Votre code")).await.unwrap();
        drop(mailer);
        let received = server.received().await;
        assert!(
            received.contains("AUTH PLAIN AHBvcnRhaWwAc0Bjcml0") && received.contains("\nVotre code\n"),
            "{received}"
        );
        let before_tls = received.split("STARTTLS").next().unwrap();
        assert!(scheme == "smtps" || !before_tls.contains("AUTH"), "{received}");
    }
}

#[tokio::test]
async fn nothing_is_said_to_a_server_that_cannot_be_believed() {
    let wrapped = Manners { tls: Some(Tls::Wrapped), ..PLAIN };
    let failed = |cause: &str| Err(MailError::NotNow { cause: cause.to_owned() });
    // Signed by nobody we know.
    let server = Server::start(wrapped).await;
    assert_eq!(mailer(&server.route("smtps", "localhost")).check().await, failed("tls"));
    // Signed, for another name.
    let server = Server::start(wrapped).await;
    let elsewhere = server.route("smtps", "127.0.0.1").trusting(Some(server.authority()));
    assert_eq!(mailer(&elsewhere).check().await, failed("tls"));
    // It offers no security at all.
    let server = Server::start(PLAIN).await;
    let bare = server.route("smtp", "localhost").trusting(Some(server.authority()));
    assert_eq!(mailer(&bare).check().await, failed("unsupported"));
    drop(bare);
    let received = server.received().await;
    assert!(!received.contains("AUTH"), "{received}");
    // It does not know us.
    let server = Server::start(Manners { admission: "535 non", ..wrapped }).await;
    let stranger = server.route("smtps", "localhost").trusting(Some(server.authority()));
    assert_eq!(mailer(&stranger).check().await, failed("535"));
}

#[test]
fn an_authority_is_made_of_certificates() {
    let one = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let pem = one.cert.pem();
    assert!(Authority::parse(format!("{pem}{pem}").as_bytes()).is_some());
    assert_eq!(Authority::parse(b""), None);
    assert_eq!(Authority::parse(one.signing_key.serialize_pem().as_bytes()), None);
}

#[test]
fn routes_are_read_strictly_and_never_printed() {
    assert_eq!(MailRoute::parse("dossier:/tmp/x"), Some(MailRoute::Folder("/tmp/x".into())));
    for good in ["smtp://u:p@relais.example:587", "smtps://u:p@relais.example", "smtp://localhost:25"] {
        assert!(matches!(MailRoute::parse(good), Some(MailRoute::Smtp(_))), "{good}");
    }
    for wrong in [
        "dossier:",
        "smtp:",
        "smtp://",
        "http://relais.example",
        "relais.example:587",
        "smtp://relais.example?tls=opportunistic",
        "smtp://relais.example/nom",
        "",
    ] {
        assert_eq!(MailRoute::parse(wrong), None, "{wrong}");
    }
    let required = MailRoute::parse("smtp://u:secret@relais.example").unwrap();
    assert!(!format!("{required:?}").contains("secret"));
}
