//! Measures this program against plain SQL that does the same work: what a good administrator would write with the
//! database's own shell, without validation, ledger or restart.
//!
//! `cargo run --release --example bench -- load night --people 1000000` generates a population, runs peer and program
//! in turn, each round in empty directories, and prints the medians and their ratio. Seconds depend on the machine,
//! ratios hardly do. Peak memory stands beside every measure; on PostgreSQL it is that of the client.

mod cost;
mod side;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail, ensure};
use clap::{Parser, ValueEnum};

use cost::{Cost, median, run};
use side::{Database, Round, Side};

/// Compares the program with plain SQL that does the same work.
#[derive(Parser)]
struct Arguments {
    /// What to compare; a night needs a load before it in any case.
    #[arg(value_enum, default_values_t = [Measure::Load, Measure::Night])]
    measures: Vec<Measure>,
    /// How many people are registered.
    #[arg(long, default_value_t = 1_000_000)]
    people: u64,
    /// How often peer and program take turns.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// The database of both; for postgres, the variable `SUNDHEDSKORT_TEST_POSTGRES` holds the address of a cluster in
    /// which databases may be made.
    #[arg(long, value_enum, default_value_t = Database::Sqlite)]
    database: Database,
    /// Measure one side alone.
    #[arg(long, value_enum)]
    only: Option<Side>,
    /// Peers other than those in this directory of the repository.
    #[arg(long, value_name = "DIR")]
    peers: Option<PathBuf>,
    /// Where populations are kept from run to run, a directory for each size; otherwise one is made for this run.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// What is compared.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
enum Measure {
    /// Taking in all registrations, into an empty book.
    Load,
    /// Issuing every due card of that book and writing the print orders.
    Night,
}

fn main() -> anyhow::Result<()> {
    if cfg!(debug_assertions) {
        bail!("an unoptimised program is not worth measuring; run this example with --release");
    }
    let arguments = Arguments::parse();
    let programs = build(arguments.only)?;
    let scratch = tempfile::tempdir().context("failed to make a temporary directory")?;
    let data = std::path::absolute(arguments.data.as_deref().unwrap_or(scratch.path()))?;
    let data = data.join(format!("people-{}", arguments.people));
    if !data.join("night-4").exists() {
        generate(&programs, arguments.people, &data, scratch.path())?;
    }

    let sides = arguments.only.map_or_else(|| vec![Side::Peer, Side::Ours], |side| vec![side]);
    let mut costs: Vec<(Side, Measure, Cost)> = Vec::new();
    for number in 1..=arguments.rounds {
        let mut orders = Vec::new();
        for &side in &sides {
            let directory = tempfile::tempdir_in(scratch.path())?;
            let round = Round::new(side, arguments.database, directory.path(), &data, &programs, &arguments)?;
            let mut take = |measure, cost: Cost| {
                eprintln!("round {number}, {measure:?} of {side:?}: {:.2} s, {:.0} MiB", cost.seconds, cost.peak_mib);
                costs.push((side, measure, cost));
            };
            take(Measure::Load, round.load()?);
            if arguments.measures.contains(&Measure::Night) {
                take(Measure::Night, round.night()?);
                orders.push(round.print_orders()?);
            }
        }
        ensure!(
            orders.windows(2).all(|pair| pair[0] == pair[1]),
            "peer and program ordered different cards: {orders:?}"
        );
    }
    print(&arguments, &costs);
    Ok(())
}

/// Builds what is measured and says where it lies: beside this example.
fn build(only: Option<Side>) -> anyhow::Result<PathBuf> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--release", "--quiet", "--example", "generate"]);
    if only != Some(Side::Peer) {
        cargo.args(["--bin", "sundhedskort"]);
    }
    ensure!(cargo.status().context("failed to start cargo")?.success(), "cargo could not build what is to be measured");
    let here = std::env::current_exe()?;
    Ok(here.ancestors().nth(2).context("this example lies nowhere")?.to_owned())
}

fn generate(programs: &Path, people: u64, data: &Path, scratch: &Path) -> anyhow::Result<()> {
    let mut generate = Command::new(programs.join("examples/generate"));
    generate.args(["--people", &people.to_string(), "--today", side::TODAY, "--out"]).arg(data);
    run(&mut generate, scratch, &[0]).map(|_| ()).context("failed to generate the population")
}

fn print(arguments: &Arguments, costs: &[(Side, Measure, Cost)]) {
    println!("{} people, {:?}, medians of {} rounds", arguments.people, arguments.database, arguments.rounds);
    println!("{:<8}{:>10}{:>10}{:>8}{:>12}{:>12}", "", "peer s", "ours s", "ratio", "peer MiB", "ours MiB");
    for &measure in &arguments.measures {
        let of = |wanted: Side| {
            let costs =
                || costs.iter().filter(|(side, of, _)| (*side, *of) == (wanted, measure)).map(|(.., cost)| cost);
            Some((median(costs().map(|cost| cost.seconds))?, median(costs().map(|cost| cost.peak_mib))?))
        };
        let (peer, ours) = (of(Side::Peer), of(Side::Ours));
        let shown = |value: Option<f64>, decimals| value.map_or("-".to_owned(), |value| format!("{value:.decimals$}"));
        println!(
            "{:<8}{:>10}{:>10}{:>8}{:>12}{:>12}",
            format!("{measure:?}").to_lowercase(),
            shown(peer.map(|(seconds, _)| seconds), 2),
            shown(ours.map(|(seconds, _)| seconds), 2),
            shown(peer.zip(ours).map(|(peer, ours)| ours.0 / peer.0), 2),
            shown(peer.map(|(_, peak)| peak), 0),
            shown(ours.map(|(_, peak)| peak), 0),
        );
    }
}
