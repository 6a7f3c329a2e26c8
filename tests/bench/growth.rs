//! How time and memory of the real window grow with clients and messages, as a picture in SVG.

use std::{
    error::Error,
    fmt::Write as _,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use rusqlite::Connection;
use sockhop::history::Reader;

use crate::{
    clients::{Clients, Role},
    program::Window,
    screen::Screen,
    talkers::line,
    under_load::stored,
};

/// Longer than anything of it takes.
const LIMIT: Duration = Duration::from_mins(10);

/// A chart: what is counted along the bottom, what is measured upwards, and the lines in it.
struct Chart {
    title: &'static str,
    unit: &'static str,
    lines: Vec<Line>,
}

/// The measured points, and how many of what each is for.
struct Line {
    name: &'static str,
    points: Vec<(f64, f64)>,
}

/// Measures, and writes the picture to this file.
pub fn draw(to: &Path) -> Result<(), Box<dyn Error>> {
    let screen = Screen::start()?;
    let (mut connecting, mut of_clients) = (Vec::new(), Vec::new());
    for clients in [10, 100, 1_000, 10_000] {
        let (took, grown) = connected(&screen, clients)?;
        println!("{clients:>9} clients: {took:.3} s, {grown:.1} MB");
        connecting.push((clients as f64, took));
        of_clients.push((clients as f64, grown));
    }
    let (mut storing, mut of_messages, mut searching) = (Vec::new(), Vec::new(), Vec::new());
    for messages in [10_000, 100_000, 1_000_000, 10_000_000] {
        let window = Window::open(&screen)?;
        let took = stored(&window, messages)?.as_secs_f64();
        let peak = window.program.memory("VmHWM")? / 1e6;
        window.program.settle()?;
        let mut reader = Reader::open(&window.history())?;
        let begun = Instant::now();
        let (found, _) = reader.search(line(messages / 2).trim_end(), None, 2)?;
        let searched = begun.elapsed().as_secs_f64();
        if found.len() != 1 {
            return Err("a line is not found".into());
        }
        println!("{messages:>9} messages: {took:.3} s, {peak:.1} MB, found in {:.1} ms", searched * 1e3);
        storing.push((messages as f64, took));
        of_messages.push((messages as f64, peak));
        searching.push((messages as f64, searched));
    }
    let line = |name, points| Line { name, points };
    let charts = [
        Chart {
            title: "Clients that connect at once",
            unit: "s",
            lines: vec![line("until all are there", connecting)],
        },
        Chart { title: "Clients", unit: "MB", lines: vec![line("memory over none", of_clients)] },
        Chart {
            title: "Messages of one flood",
            unit: "s",
            lines: vec![line("until all are stored", storing), line("until one is found", searching)],
        },
        Chart { title: "Messages", unit: "MB", lines: vec![line("peak of memory", of_messages)] },
    ];
    Ok(fs::write(to, svg(&charts))?)
}

/// Seconds until so many clients are in the history, and the megabytes by which memory grew.
fn connected(screen: &Screen, count: usize) -> Result<(f64, f64), Box<dyn Error>> {
    let window = Window::open(screen)?;
    window.program.settle()?;
    let before = window.program.memory("VmRSS")?;
    let history = Connection::open(window.history())?;
    let mut accepted = history.prepare("SELECT count(*) FROM sessions WHERE origin = 1")?;
    let begun = Instant::now();
    let clients = Clients::start(Role::Idle(count), window.address)?;
    while accepted.query_row([], |row| row.get::<_, i64>(0))? < count as i64 {
        if begun.elapsed() > LIMIT {
            return Err("not all clients came".into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let took = begun.elapsed().as_secs_f64();
    window.program.settle()?;
    let grown = (window.program.memory("VmRSS")? - before) / 1e6;
    clients.end()?;
    Ok((took, grown))
}

/// Width and height of a chart, with its axes.
const CHART: (f64, f64) = (420.0, 260.0);

/// What is left of it at the left, on top, at the right and below.
const EDGES: [f64; 4] = [62.0, 40.0, 28.0, 40.0];

/// Colours of lines and of letters, legible on a light page and on a dark one.
const COLOURS: [&str; 2] = ["#0f9488", "#c2691c"];
const TEXT: &str = "#7b8494";

/// Both axes by powers of ten: what grows with its work rises as the dotted line does.
fn svg(charts: &[Chart]) -> String {
    let (width, height) = (2.0 * CHART.0, CHART.1 * charts.len().div_ceil(2) as f64);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" \
         font-size=\"12\" fill=\"{TEXT}\">\n"
    );
    for (number, chart) in charts.iter().enumerate() {
        let (left, top) = ((number % 2) as f64 * CHART.0, (number / 2) as f64 * CHART.1);
        let _ = writeln!(svg, "<g transform=\"translate({left} {top})\">");
        chart.draw(&mut svg);
        svg.push_str("</g>\n");
    }
    svg + "</svg>\n"
}

impl Chart {
    fn draw(&self, svg: &mut String) {
        let [left, top, right, bottom] = EDGES;
        let (width, height) = (CHART.0 - left - right, CHART.1 - top - bottom);
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let range = |of: fn(&(f64, f64)) -> f64| {
            let values = || points().map(of);
            let (least, most) = (values().fold(f64::MAX, f64::min), values().fold(f64::MIN, f64::max));
            (least.log10().floor(), most.log10().ceil())
        };
        let (x_range, y_range) = (range(|point| point.0), range(|point| point.1.max(1e-3)));
        let place = |value: f64, (least, most): (f64, f64)| (value.log10() - least) / (most - least).max(1.0);
        let x = |value: f64| left + place(value, x_range) * width;
        let y = |value: f64| top + (1.0 - place(value.max(1e-3), y_range)) * height;
        let _ = writeln!(svg, "<text x=\"{left}\" y=\"20\" font-weight=\"bold\">{}</text>", self.title);
        let powers = |(least, most): (f64, f64)| (least as i32..=most as i32).map(|power| 10_f64.powi(power));
        for value in powers(y_range) {
            let (at, end) = (y(value), left + width);
            let _ = writeln!(svg, "<path d=\"M{left} {at}H{end}\" stroke=\"{TEXT}\" stroke-opacity=\".25\"/>");
            let label = format!("{value} {}", self.unit);
            let _ = writeln!(svg, "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{label}</text>", left - 6.0, at + 4.0);
        }
        for value in powers(x_range) {
            let (at, below) = (x(value), top + height + 18.0);
            let label = match value {
                1e6.. => format!("{} M", value / 1e6),
                1e4.. => format!("{},000", value / 1e3),
                _ => value.to_string(),
            };
            let _ = writeln!(svg, "<text x=\"{at}\" y=\"{below}\" text-anchor=\"middle\">{label}</text>");
        }
        for (number, line) in self.lines.iter().enumerate() {
            let colour = COLOURS.get(number % COLOURS.len()).unwrap_or(&TEXT);
            let (Some(first), Some(last)) = (line.points.first(), line.points.last()) else { continue };
            let drawn: Vec<String> =
                line.points.iter().map(|(at, value)| format!("{:.1},{:.1}", x(*at), y(*value))).collect();
            let _ = writeln!(
                svg,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
                drawn.join(" ")
            );
            // Through the last point, as far as the chart goes.
            let proportional = |at: f64| (last.1 * at / last.0).max(10_f64.powf(y_range.0));
            let from = (first.0).max(last.0 * 10_f64.powf(y_range.0) / last.1);
            let _ = writeln!(
                svg,
                "<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"{colour}\" stroke-dasharray=\"2 4\"/>",
                x(from),
                y(proportional(from)),
                x(last.0),
                y(last.1)
            );
            let at = 20.0 + 16.0 * number as f64;
            let end = left + width;
            let _ = writeln!(
                svg,
                "<text x=\"{end}\" y=\"{at}\" fill=\"{colour}\" text-anchor=\"end\">{}</text>",
                line.name
            );
        }
    }
}
