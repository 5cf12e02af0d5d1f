//! A deterministic population and its feeds, for benchmarks and trials: the same arguments give the same bytes.
//!
//! `cargo run --release --example generate -- --people 1000000 --out DIR` writes the nights of one office, a directory
//! each, in the formats of page 2.2. The later nights name cards and batches by the numbers which a fresh book gives
//! them when the first night is run on `--today`, the second and later ones on the dates printed.

mod desk;
mod draws;
mod fates;
mod feed;
mod numbers;
mod population;
mod post;
mod register;
#[cfg(test)]
mod tests;
mod words;

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::Parser;
use population::Population;

/// Writes a generated population and the feeds of its first nights.
#[derive(Parser)]
struct Arguments {
    /// How many people are registered.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    people: u64,
    /// Where the directories of the nights are made.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Other people with the same shares.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The date of the first night.
    #[arg(long, value_name = "DATE", default_value = "2026-11-22")]
    today: NaiveDate,
    /// How many cards a print order has.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..))]
    batch: u64,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let population = Population::new(arguments.people, arguments.seed, arguments.today)?;
    write_nights(&population, arguments.batch, &arguments.out)
}

fn write_nights(population: &Population, batch: u64, out: &Path) -> anyhow::Result<()> {
    let night = |number: u32, days: u64| {
        println!("night {number}, {}", population.days_later(days));
        out.join(format!("night-{number}"))
    };
    let first = night(1, 0);
    register::practitioners(population, &first)?;
    register::registrations(population, &first)?;
    post::answers(population, batch, &night(2, fates::ANSWERS_AFTER))?;
    post::returns(population, batch, &night(3, fates::RETURNS_AFTER))?;
    let fourth = night(4, fates::DESK_AFTER);
    desk::events(population, batch, &fourth)?;
    desk::requests(population, batch, &fourth)
}
