//! A row of what was measured: beside a bare program, with its goal, and whether that is reached.
//!
//! Where the environment names a file in `SOCKHOP_TABLE`, each row is added to it as one of a table in Markdown.

use std::{fs::OpenOptions, io::Write as _};

/// Above the rows.
pub fn heading() {
    println!("{:<62} {:>12} {:>12} {:>7}  {:<10} reached", "measure", "ours", "bare", "ratio", "goal");
}

/// Prints what was measured, in this unit. A goal with a unit (`≤ 140 MB`) is one for ours, a goal without one (`≥ 0.8`)
/// for its ratio to bare; without a goal the row only tells.
pub fn row(measure: &str, ours: f64, bare: Option<f64>, unit: &str, goal: &str) {
    let shown = |value: f64| {
        let digits =
            if value.abs() >= 1000.0 { 0 } else { 3_usize.saturating_sub(format!("{:.0}", value.abs()).len()) };
        format!("{value:.digits$} {unit}").trim_end().to_owned()
    };
    let ratio = bare.map(|bare| ours / bare);
    let reached = reached(goal, ours, ratio).map_or("", |reached| if reached { "yes" } else { "no" });
    let (ours, bare) = (shown(ours), bare.map(shown).unwrap_or_default());
    let ratio = ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
    println!("{measure:<62} {ours:>12} {bare:>12} {ratio:>7}  {goal:<10} {reached}");
    if let Some(table) = std::env::var_os("SOCKHOP_TABLE") {
        let written =
            OpenOptions::new().append(true).create(true).open(table).and_then(|mut table| {
                writeln!(table, "| {measure} | {ours} | {bare} | {ratio} | {goal} | {reached} |")
            });
        if let Err(error) = written {
            eprintln!("the table: {error}");
        }
    }
}

/// None, if there is no goal.
fn reached(goal: &str, ours: f64, ratio: Option<f64>) -> Option<bool> {
    let mut words = goal.split(' ');
    let (sign, number) = (words.next()?, words.next()?.replace(',', "").parse::<f64>().ok()?);
    let value = if words.next().is_some() { ours } else { ratio? };
    Some(if sign == "≤" { value <= number } else { value >= number })
}

/// The one in the middle.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
