//! The packages of the workspace and their edges, as cargo tells them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::process::{Command, Output};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

/// Packages by name, and which uses which.
#[derive(Default)]
pub(crate) struct Graph {
    pub(crate) packages: Vec<Package>,
    edges: BTreeMap<String, BTreeSet<String>>,
}

/// A package, ours or somebody else's.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// An SPDX expression, empty where the package gives none.
    pub(crate) licence: String,
}

/// Which edges count: what a test uses is in no binary.
#[derive(Clone, Copy)]
pub(crate) enum Edges {
    NormalAndBuild,
    All,
}

/// The folder that holds the workspace's `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

impl Graph {
    /// What the manifests of the rooms say, optional dependencies included.
    pub(crate) fn declared() -> Result<Self> {
        let output = cargo(&["metadata", "--format-version=1", "--no-deps", "--offline"])?;
        let metadata: Metadata = serde_json::from_slice(&output.stdout)?;
        let mut graph = Self::default();
        for package in metadata.packages {
            let counts = |dependency: &Dependency| dependency.kind.as_deref() != Some("dev");
            for dependency in package.dependencies.into_iter().filter(counts) {
                graph.edges.entry(package.name.clone()).or_default().insert(dependency.name);
            }
            let licence = package.license.unwrap_or_default();
            graph.packages.push(Package { name: package.name, licence });
        }
        Ok(graph)
    }

    /// What is really built, all features on. `cargo metadata` would not do: it lists packages behind
    /// features that nobody switched on.
    pub(crate) fn built(edges: Edges) -> Result<Self> {
        let edges = match edges {
            Edges::NormalAndBuild => "--edges=normal,build",
            Edges::All => "--edges=normal,build,dev",
        };
        let format = "--format=|{p}|{l}|";
        let arguments = ["tree", "--workspace", "--all-features", edges, "--prefix=depth", format];
        // Whoever runs a test has just built, so this needs no network; but a build without all features may
        // not have fetched everything.
        let output = cargo(&[&arguments[..], &["--offline"]].concat()).or_else(|_| cargo(&arguments))?;
        Ok(Self::parse(&String::from_utf8(output.stdout)?))
    }

    /// Reads `cargo tree`: a line is its depth, the package, its licence. Lines that are none are blank or titles.
    pub(crate) fn parse(tree: &str) -> Self {
        let mut graph = Self::default();
        let mut packages = BTreeSet::new();
        let mut way: Vec<String> = Vec::new();
        for line in tree.lines() {
            let parts: Vec<&str> = line.split('|').collect();
            let [depth, package, licence, ..] = parts[..] else { continue };
            let Ok(depth) = depth.parse() else { continue };
            let name = package.split(' ').next().unwrap_or_default().to_owned();
            way.truncate(depth);
            if let Some(user) = way.last() {
                graph.edges.entry(user.clone()).or_default().insert(name.clone());
            }
            packages.insert(Package { name: name.clone(), licence: licence.to_owned() });
            way.push(name);
        }
        graph.packages.extend(packages);
        graph
    }

    /// The packages of this workspace.
    pub(crate) fn rooms(&self) -> impl Iterator<Item = &str> {
        self.packages.iter().map(|package| package.name.as_str()).filter(|name| is_room(name))
    }

    /// What `package` uses itself.
    pub(crate) fn uses(&self, package: &str) -> impl Iterator<Item = &str> {
        self.edges.get(package).into_iter().flatten().map(String::as_str)
    }

    /// Everything that `package` pulls in, with the shortest way that leads there (`a -> b -> c`).
    pub(crate) fn tree<'a>(&'a self, package: &'a str) -> BTreeMap<&'a str, String> {
        let mut ways = BTreeMap::new();
        let mut queue = VecDeque::from([(package, package.to_owned())]);
        while let Some((user, way)) = queue.pop_front() {
            for used in self.uses(user) {
                if !ways.contains_key(used) {
                    let way = format!("{way} -> {used}");
                    ways.insert(used, way.clone());
                    queue.push_back((used, way));
                }
            }
        }
        ways
    }
}

pub(crate) fn is_room(package: &str) -> bool {
    package == "sekisho" || package.starts_with("sekisho-")
}

fn cargo(arguments: &[&str]) -> Result<Output> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output =
        Command::new(program).args(arguments).current_dir(root()).output().context("cargo does not start")?;
    if !output.status.success() {
        bail!("cargo {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(output)
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<MetadataPackage>,
}

#[derive(Deserialize)]
struct MetadataPackage {
    name: String,
    license: Option<String>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// Nothing for a normal edge, else `build` or `dev`.
    kind: Option<String>,
}
