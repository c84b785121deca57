//! The files of `static/`, inside the program: each is served under a name that holds the hash of its content,
//! so that a browser keeps it for a year and never keeps an old one.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::Router;
use memory_serve::{CacheControl, MemoryServe};

use super::problem::Problem;

const PREFIX: &str = "/statique";

/// Made once: compressing again for each router would be work thrown away.
static ROUTER: LazyLock<Router> =
    LazyLock::new(|| embedded().into_router().fallback(async || Problem::NotFound));

static ADDRESSES: LazyLock<HashMap<&'static str, String>> = LazyLock::new(|| {
    embedded()
        .manifest()
        .iter()
        .map(|(plain, hashed)| (plain.trim_start_matches('/'), format!("{PREFIX}{hashed}")))
        .collect()
});

fn embedded() -> MemoryServe {
    memory_serve::load!()
        .index_file(None)
        .cache_control(CacheControl::NoCache)
        .enable_brotli(true)
        .enable_gzip(true)
        .enable_hashed_routes(true)
}

/// The routes of the static files, under `/statique/`.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().nest_service(PREFIX, ROUTER.clone())
}

/// The address of a static file: `asset("icons.svg")` is `/statique/icons.<hash>.svg`.
/// A name that is not in `static/` gives an address that answers 404; a test reads the templates for such names.
pub fn asset(name: &str) -> &'static str {
    ADDRESSES.get(name).map_or("/statique/inconnu", String::as_str)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests say what they expect by failing")]
mod tests {
    use axum::body::Body;
    use axum::http::{Request, StatusCode, header};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    fn names() -> Vec<String> {
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/static"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[tokio::test]
    async fn every_file_is_served_for_a_year_under_a_hashed_name() {
        for name in names() {
            let (stem, extension) = name.rsplit_once('.').unwrap();
            let address = asset(&name);
            assert!(address.starts_with(&format!("/statique/{stem}.")), "{address}");
            assert!(
                address.ends_with(extension) && address.len() > PREFIX.len() + name.len() + 10,
                "{address}"
            );

            let request = Request::get(address).body(Body::empty()).unwrap();
            let answer = routes::<()>().oneshot(request).await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK, "{address}");
            let kept = answer.headers()[header::CACHE_CONTROL].to_str().unwrap();
            assert_eq!(kept, "max-age=31536000, immutable");
            let served = answer.into_body().collect().await.unwrap().to_bytes();
            let path = format!("{}/static/{name}", env!("CARGO_MANIFEST_DIR"));
            assert_eq!(served, std::fs::read(path).unwrap(), "{name}");
        }
    }

    #[tokio::test]
    async fn compressed_for_who_accepts_it() {
        let request = Request::get(asset("components.css"))
            .header(header::ACCEPT_ENCODING, "br")
            .body(Body::empty())
            .unwrap();
        let answer = routes::<()>().oneshot(request).await.unwrap();
        assert_eq!(answer.headers()[header::CONTENT_ENCODING], "br");
    }

    #[tokio::test]
    async fn an_unknown_file_is_not_found() {
        let request = Request::get(asset("nowhere.css")).body(Body::empty()).unwrap();
        let answer = routes::<()>().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        assert_eq!(answer.extensions().get::<Problem>(), Some(&Problem::NotFound));
    }

    #[test]
    fn templates_name_only_files_that_exist() {
        let known = names();
        for (path, text) in crate::web::well_made::sources() {
            for named in text.split("asset(\"").skip(1) {
                let name = named.split('"').next().unwrap();
                assert!(known.iter().any(|file| file == name), "{path} names {name}");
            }
        }
    }
}
