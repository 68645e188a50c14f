//! Draws every page in every state and language into a folder: `cargo run --example gallery -- FOLDER`.
//!
//! Assets go where the pages look for them, so the folder can be opened with `file://`.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use sekisho_ui::{ASSET_PREFIX, Frame, Language, LanguageLink, Renderer, asset};

mod samples;

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.ok_or_else(|| io::Error::other("usage: gallery FOLDER"))?;
    fs::create_dir_all(&folder)?;
    let base = folder.canonicalize()?.display().to_string();
    let renderer = Renderer::at(&base).map_err(io::Error::other)?;
    for language in Language::ALL {
        for sample in samples::samples(str::to_owned) {
            let html = (sample.render)(&renderer, &frame(*language, &sample.name));
            let html = html.map_err(io::Error::other)?;
            copy_assets(&folder, &html)?;
            fs::write(folder.join(file_name(&sample.name, *language)), html)?;
        }
    }
    Ok(())
}

fn frame(language: Language, name: &str) -> Frame<'static> {
    let link = |language: &Language| LanguageLink { language: *language, url: file_name(name, *language) };
    Frame {
        realm_title: "Acme Works",
        language,
        language_links: Language::ALL.iter().map(link).collect(),
        home: Some("#"),
    }
}

fn file_name(name: &str, language: Language) -> String {
    format!("{name}.{}.html", language.tag())
}

/// The assets a page names, so that a wrong reference shows as a page without its style.
fn copy_assets(folder: &Path, html: &str) -> io::Result<()> {
    let target = folder.join(ASSET_PREFIX.trim_matches('/'));
    fs::create_dir_all(&target)?;
    for quoted in html.split('"').filter(|text| text.contains(ASSET_PREFIX)) {
        let Some((_, name)) = quoted.rsplit_once('/') else { continue };
        let Some(found) = asset(name) else { continue };
        fs::write(target.join(name), found.bytes)?;
    }
    Ok(())
}
