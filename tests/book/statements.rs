//! Every statement of the store is one that both databases understand, also those that only a rare moment needs.

use std::path::{Path, PathBuf};

use crate::{office::Office, raw::Raw};

/// How a statement begins; what a macro puts together is run by every scenario on both databases.
const VERBS: [&str; 4] = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM "];

/// What only one of them has: its locks and its catalogue.
const SQLITE: [&str; 1] = ["sqlite_master"];
const POSTGRES: [&str; 2] = ["pg_try_advisory_lock", "to_regclass"];

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The texts in double quotes, with lines that go on after a backslash; not those that a macro goes on with.
fn literals(source: &str) -> Vec<String> {
    let (mut found, mut rest) = (Vec::new(), source);
    while let Some((before, after)) = rest.split_once('"') {
        let mut text = String::new();
        let mut signs = after.char_indices();
        let end = loop {
            match signs.next() {
                Some((_, '\\')) => match signs.next() {
                    Some((at, '\n')) => {
                        let spaces = after[at + 1..].len() - after[at + 1..].trim_start().len();
                        signs.by_ref().take(spaces).for_each(drop);
                    }
                    Some((_, sign)) => text.push(sign),
                    None => break after.len(),
                },
                Some((at, '"')) => break at + 1,
                Some((_, sign)) => text.push(sign),
                None => break after.len(),
            }
        };
        if !before.ends_with("by!(") {
            found.push(text);
        }
        rest = &after[end..];
    }
    found
}

fn statements() -> Vec<(String, String)> {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store"), &mut files);
    let mut statements = Vec::new();
    for file in files {
        let source = std::fs::read_to_string(&file).expect("a source can be read");
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        let whole = |text: &String| VERBS.iter().any(|verb| text.starts_with(verb)) && !text.ends_with([' ', '(']);
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        statements.extend(literals(code).into_iter().filter(whole).map(|text| (name.clone(), text)));
    }
    assert!(statements.len() > 40, "the store has statements: {}", statements.len());
    statements
}

async fn are_understood(office: Office) {
    drop(office.book().await);
    let mut raw = Raw::open(&office.address()).await;
    let mut wrong = Vec::new();
    for (file, statement) in statements() {
        let others = if office.is_a_file() { &POSTGRES[..] } else { &SQLITE[..] };
        if others.iter().any(|name| statement.contains(name)) {
            continue;
        }
        if let Err(error) = raw.prepare(&statement).await {
            wrong.push(format!("{file}: {statement}\n  {error}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    drop(raw);
    office.close().await;
}

on_both! {
    understood_by_sqlite understood_by_postgres are_understood;
}
