//! Style sheets, scripts and pictures, under names that change with their bytes: a browser may keep them for ever.

use std::sync::LazyLock;

/// Where the public listener serves assets, in front of an asset's name.
pub const ASSET_PREFIX: &str = "/resources/";

/// A file and what its response says about it.
pub struct Asset {
    pub bytes: &'static [u8],
    pub content_type: &'static str,
    /// With its quotes, as in the header.
    pub etag: String,
}

/// The asset of this name (`app.<hash>.css`, without [`ASSET_PREFIX`]), if its bytes are still those.
pub fn asset(path: &str) -> Option<Asset> {
    let file = FILES.iter().find(|file| file.served_as == path)?;
    Some(Asset { bytes: file.bytes, content_type: file.content_type, etag: format!("\"{}\"", file.hash) })
}

/// The name under which a file of `assets/` is served.
pub(crate) fn served_as(name: &str) -> Option<&'static str> {
    FILES.iter().find(|file| file.name == name).map(|file| file.served_as.as_str())
}

struct File {
    name: &'static str,
    bytes: &'static [u8],
    content_type: &'static str,
    hash: String,
    served_as: String,
}

static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
    const CSS: &str = "text/css; charset=utf-8";
    const SCRIPT: &str = "text/javascript; charset=utf-8";
    const SVG: &str = "image/svg+xml";
    vec![
        file("tokens.css", CSS, include_bytes!("../assets/tokens.css")),
        file("app.css", CSS, include_bytes!("../assets/app.css")),
        file("app.js", SCRIPT, include_bytes!("../assets/app.js")),
        file("form-post.js", SCRIPT, include_bytes!("../assets/form-post.js")),
        file("favicon.svg", SVG, include_bytes!("../assets/favicon.svg")),
        file("logo.svg", SVG, include_bytes!("../assets/logo.svg")),
    ]
});

fn file(name: &'static str, content_type: &'static str, bytes: &'static [u8]) -> File {
    let hash = format!("{:016x}", fnv1a(bytes));
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let served_as = format!("{stem}.{hash}.{extension}");
    File { name, bytes, content_type, hash, served_as }
}

/// FNV-1a, 64 bits. Tells our own versions of a file apart; nobody else chooses the bytes.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_is_fnv_1a() {
        // From the authors' test vectors.
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn asset_is_found_by_its_hashed_name_only() {
        let name = served_as("app.css").expect("app.css is embedded");
        let found = asset(name).expect("served under that name");
        assert_eq!(found.content_type, "text/css; charset=utf-8");
        assert!(found.etag.starts_with('"') && found.etag.ends_with('"') && found.etag.len() == 18);
        for path in ["app.css", "app.0000000000000000.css", "../assets/app.css", "", "/resources/"] {
            assert!(asset(path).is_none(), "{path}");
        }
    }
}
