//! Bars of processor time, ours above the peer's, on a logarithmic scale, as SVG.

use std::fmt::Write as _;

use crate::load::as_number;
use crate::report::{Line, Report};

const LEFT: f64 = 290.0;
const DECADE: f64 = 110.0;
const ROW: f64 = 34.0;
const TOP: f64 = 58.0;
/// Powers of ten from left to right, in microseconds.
const DECADES: i32 = 4;

/// Draws the rows that the peer was measured in.
pub(crate) fn draw(report: &Report) -> String {
    let lines: Vec<&Line> = report.rows.iter().filter(|line| line.figures.peer.is_some()).collect();
    let mut svg = String::new();
    write(&mut svg, &lines).map_or_else(|_| String::new(), |()| svg)
}

fn write(svg: &mut String, lines: &[&Line]) -> std::fmt::Result {
    let (width, bottom) = (LEFT + DECADE * f64::from(DECADES) + 70.0, TOP + ROW * as_number(lines.len()));
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {}" font-family="system-ui, sans-serif" font-size="12">"#,
        bottom + 30.0
    )?;
    writeln!(svg, "<title>Processor time of a request, Sekisho and npm oidc-provider</title>")?;
    writeln!(svg, r##"<rect width="100%" height="100%" fill="#fff"/>"##)?;
    writeln!(
        svg,
        r##"<text x="10" y="22" font-size="14" font-weight="600" fill="#1b1b1f">Server CPU µs a request, log scale: less is better</text>"##
    )?;
    for (x, colour, name) in
        [(10, "#d8482e", "Sekisho, durable"), (150, "#8a8f98", "oidc-provider, in memory")]
    {
        writeln!(svg, r#"<rect x="{x}" y="32" width="12" height="12" fill="{colour}"/>"#)?;
        writeln!(svg, r##"<text x="{}" y="42" fill="#1b1b1f">{name}</text>"##, x + 17)?;
    }
    for power in 0..=DECADES {
        let x = LEFT + DECADE * f64::from(power);
        writeln!(svg, r##"<path d="M{x} {TOP}V{bottom}" stroke="#dcdee3"/>"##)?;
        let label = 10_f64.powi(power);
        writeln!(
            svg,
            r##"<text x="{x}" y="{}" text-anchor="middle" fill="#5b6069">{label}</text>"##,
            bottom + 18.0
        )?;
    }
    for (number, line) in lines.iter().enumerate() {
        write_line(svg, line, TOP + ROW * as_number(number))?;
    }
    writeln!(svg, "</svg>")
}

fn write_line(svg: &mut String, line: &Line, y: f64) -> std::fmt::Result {
    let Some(peer) = &line.figures.peer else { return Ok(()) };
    let (label, middle) = (LEFT - 10.0, y + 21.0);
    writeln!(
        svg,
        r##"<text x="{label}" y="{middle}" text-anchor="end" fill="#1b1b1f">{}</text>"##,
        line.name
    )?;
    for (y, colour, cpu) in
        [(y + 4.0, "#d8482e", line.figures.ours.closed.cpu), (y + 17.0, "#8a8f98", peer.closed.cpu)]
    {
        let width = (cpu.max(1.0).log10() * DECADE).min(DECADE * f64::from(DECADES));
        writeln!(svg, r#"<rect x="{LEFT}" y="{y}" width="{width:.1}" height="12" fill="{colour}"/>"#)?;
        let (x, y) = (LEFT + width + 5.0, y + 10.0);
        writeln!(svg, r##"<text x="{x:.1}" y="{y}" font-size="11" fill="#1b1b1f">{cpu:.0}</text>"##)?;
    }
    Ok(())
}
