//! Prints what was measured, and whether the aims are reached.

use crate::side::{Expression, Measured};

/// What the engine is to reach (`ARCHITECTURE.md`, "The CEL engine").
const TIMES_FASTER: f64 = 10.0;
const MOST_NANOSECONDS: f64 = 1_000.0;

type Time = fn(&Expression) -> f64;

/// The sides in the order of `main`: ours, cel-go, wasm32 for speed, wasm32 for size, crates.
pub fn print(all: &[Measured]) {
    let node = all.get(2).map_or("", |side| side.version.as_str());
    println!(
        "CPU time of one call in microseconds, and in brackets how many times faster than cel-go."
    );
    println!(
        "ours: native. cel-go: in kube-apiserver's environment. wasm32: ours under Node {node},"
    );
    println!(
        "built for speed, and for size like the page. cel, cel-core: crates, without cost tracking,"
    );
    println!("cel without type check. Elsewhere costs are counted, and they are equal.");
    println!();
    heading("evaluate", all);
    rows(all, |expression| expression.evaluate);
    println!();
    heading("compile: parse, check, program", all);
    rows(all, |expression| expression.compile);
    println!();
    heading("bind the document", all);
    let go = all.get(1).map_or(f64::NAN, |side| side.bind);
    row("", all.iter().map(|side| (side.bind, go / side.bind)));
    println!();
    aims(all);
}

fn heading(title: &str, all: &[Measured]) {
    print!("{title:<32}");
    for side in all {
        let version = if side.name.starts_with("wasm") {
            ""
        } else {
            side.version.trim_start_matches('v')
        };
        let name = format!("{} {version}", side.name);
        print!("{:>17}", name.trim_end());
    }
    println!();
}

fn rows(all: &[Measured], time: Time) {
    let Some(ours) = all.first() else { return };
    for (at, expression) in ours.expressions.iter().enumerate() {
        let of = |side: &Measured| side.expressions.get(at).map_or(f64::NAN, time);
        let go = all.get(1).map_or(f64::NAN, of);
        row(
            &expression.name,
            all.iter().map(|side| (of(side), go / of(side))),
        );
    }
}

fn row(name: &str, cells: impl Iterator<Item = (f64, f64)>) {
    print!("{name:<32}");
    for (nanoseconds, times) in cells {
        print!("{:>8.2} ({times:>5.1}x)", nanoseconds / 1e3);
    }
    println!();
}

fn aims(all: &[Measured]) {
    let [ours, go, wasm @ ..] = all else { return };
    let least = |side: &Measured, time: Time| {
        let pairs = side.expressions.iter().zip(&go.expressions);
        pairs
            .map(|(own, go)| time(go) / time(own))
            .fold(f64::INFINITY, f64::min)
    };
    let evaluate: Time = |expression| expression.evaluate;
    let compile: Time = |expression| expression.compile;
    let slowest = ours.expressions.iter().map(evaluate).fold(0.0, f64::max);
    let aim = |text: String, reached: bool| {
        println!("{}: {text}", if reached { "reached" } else { "MISSED" });
    };
    for (what, time) in [("evaluate", evaluate), ("compile", compile)] {
        let times = least(ours, time);
        let text = format!("{what} at least {TIMES_FASTER} times faster than cel-go: {times:.1}");
        aim(text, times >= TIMES_FASTER);
    }
    aim(
        format!("evaluate in less than 1 microsecond: {:.2}", slowest / 1e3),
        slowest < MOST_NANOSECONDS,
    );
    for side in wasm.iter().filter(|side| side.name.starts_with("wasm")) {
        for (what, time) in [("evaluate", evaluate), ("compile", compile)] {
            let times = least(side, time);
            let text = format!(
                "{what} in {} not slower than native cel-go: {times:.1} times faster",
                side.name
            );
            aim(text, times >= 1.0);
        }
    }
}
