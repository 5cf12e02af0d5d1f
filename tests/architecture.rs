//! What must not be, read off the sources: the directions between the parts, and who may use what.

use std::path::{Path, PathBuf};

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    fn collect(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in std::fs::read_dir(folder).expect("a source folder can be read") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source is text");
                // What only tests use may use more.
                let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned();
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    assert!(!found.is_empty(), "{folder} has sources");
    found
}

/// Code without its comments.
fn code(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Parts of the crate that a source names.
fn names(text: &str, part: &str) -> bool {
    let code = code(text);
    let direct = [format!("crate::{part}::"), format!("crate::{part};"), format!("crate::{{{part}")];
    let grouped = code
        .split("use crate::{")
        .skip(1)
        .filter_map(|rest| rest.split("};").next())
        .any(|group| group.split([',', '{', '}', '\n']).any(|item| item.trim().starts_with(&format!("{part}::"))));
    grouped || direct.iter().any(|name| code.contains(name.as_str()))
}

#[test]
fn parts_know_only_what_is_below_them() {
    let all = ["domain", "intake", "output", "store", "jobs", "night", "cli", "settings", "clock"];
    let below: [(&str, &[&str]); 6] = [
        ("domain", &["domain"]),
        ("intake", &["domain", "intake"]),
        ("output", &["domain", "output"]),
        ("store", &["domain", "store"]),
        ("jobs", &["domain", "intake", "output", "store", "jobs"]),
        ("night", &["domain", "intake", "output", "store", "jobs", "night", "settings", "clock"]),
    ];
    for (part, allowed) in below {
        for (path, text) in sources(&format!("src/{part}")) {
            for other in all.iter().filter(|other| !allowed.contains(other)) {
                assert!(!names(&text, other), "{} knows {other}", path.display());
            }
        }
    }
}

#[test]
fn the_rules_are_pure() {
    let forbidden = [
        "async ",
        ".await",
        "std::fs",
        "std::io",
        "tokio",
        "sqlx",
        "tracing::",
        "Utc::now",
        "SystemTime",
        "std::env",
        "println!",
    ];
    for (path, text) in sources("src/domain") {
        for word in forbidden {
            assert!(!code(&text).contains(word), "{} uses {word}", path.display());
        }
    }
}

#[test]
fn only_the_store_names_sqlx() {
    for (path, text) in sources("src") {
        let is_store = path.components().any(|part| part.as_os_str() == "store");
        let used = code(&text).lines().any(|line| line.contains("sqlx") && !line.contains("\"sqlx"));
        assert!(is_store || !used, "{} names sqlx", path.display());
    }
}

#[test]
fn only_one_place_says_that_a_built_statement_is_safe() {
    let places: Vec<_> = sources("src").into_iter().filter(|(_, text)| code(text).contains("AssertSqlSafe")).collect();
    assert_eq!(places.len(), 1, "{:?}", places.iter().map(|(path, _)| path).collect::<Vec<_>>());
}

#[test]
fn words_of_others_are_not_used() {
    for (path, text) in sources("src") {
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        for word in ["util", "helper", "manager", "customer", "cutoff", "cleanup"] {
            assert!(!name.contains(word), "{} is named {word}", path.display());
            assert!(!code(&text).contains(&format!("fn {word}")), "{} defines {word}", path.display());
        }
    }
}

#[test]
fn every_job_has_a_file_a_declaration_and_a_line_in_the_readme() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).expect("README.md is there");
    let mut lines = readme.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    for job in sundhedskort::jobs::ALL {
        let (name, what) = lines.next().expect("README.md lists every job");
        assert_eq!(name, job.name, "the jobs of README.md stand in the order of the night");
        assert!(root.join(format!("src/jobs/{}.rs", name.replace('-', "_"))).exists(), "{name} has a file");
        let declaration = std::fs::read_to_string(root.join(format!("jobs/{name}.toml"))).expect("a declaration");
        let declaration: toml::Table = declaration.parse().expect("a declaration is TOML");
        let said = declaration["what"].as_str().expect("what is a text");
        assert!(what.contains(said), "README.md says of {name} what its declaration says");
    }
    assert_eq!(std::fs::read_dir(root.join("jobs")).expect("jobs/ is there").count(), sundhedskort::jobs::ALL.len());
}
