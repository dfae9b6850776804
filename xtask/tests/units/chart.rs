use super::*;

fn machine() -> Machine {
    Machine { cpu: "some CPU".into(), parallelism: "2 cores".into(), date: "2026-01-02".into() }
}

/// The rows of a run, with one peer if that is wanted.
fn rows(with_peer: bool) -> Vec<Row> {
    let row = |work: &str, measured| Row {
        work: work.into(),
        unit: "ns a pair",
        measured,
        bar: None,
        limit: Some(0.5),
        peers: if with_peer { vec![("some-crate", 3.0)] } else { Vec::new() },
        quiet: 1.0,
    };
    vec![row("distances, 1 query x 1,000", 9.0), row(WORKS[0], 1.0), row(WORKS[2], 2.0)]
}

fn faiss() -> Faiss {
    Faiss { version: "1.2".into(), times: [(WORKS[2].to_owned(), 8.0)].into() }
}

#[test]
fn every_library_has_a_bar_for_each_search_that_it_was_measured_with() {
    let groups = groups(&rows(true), Some(&faiss()));
    let bars = |i: usize| groups[i].bars.iter().map(|(name, ns)| (name.as_str(), *ns)).collect::<Vec<_>>();
    assert_eq!(bars(0), [("limit of this CPU", 0.5), ("hv", 1.0), ("some-crate", 3.0)]);
    assert_eq!(bars(1), [("limit of this CPU", 0.5), ("hv", 2.0), ("some-crate", 6.0), ("FAISS 1.2", 8.0)]);
    let svg = svg(&caption(&machine(), &rows(true), &Ok(faiss())), &groups).unwrap();
    for text in ["some CPU", "FAISS 1.2", "some-crate", "8.00", WORKS[2]] {
        assert!(svg.contains(text), "{text} is missing: {svg}");
    }
    // The longest bar ends where there is room for its number, and one of an eighth of its time is an eighth as long.
    let widths: Vec<i32> = svg
        .split("<rect ")
        .filter_map(|rect| rect.split("width=\"").nth(1)?.split('"').next()?.parse().ok())
        .filter(|width| *width < WIDTH as i32)
        .collect();
    assert_eq!((widths.iter().max(), widths.len()), (Some(&500), 7), "{widths:?}");
    assert!((61..=63).contains(&widths[1]), "{widths:?}");
}

#[test]
fn what_was_not_measured_is_named() {
    let nothing = caption(&machine(), &rows(false), &Err("no module".into()));
    assert!(nothing[0].contains("other crates (--peers") && nothing[0].contains("FAISS (no module)"), "{nothing:?}");
    let all = caption(&machine(), &rows(true), &Ok(faiss()));
    assert!(all[0].ends_with("less is better") && all[1].contains("2026-01-02"), "{all:?}");
}
