use hv_parallel::for_storage::figure;

use super::*;

#[test]
fn only_the_lines_of_the_backend_are_written() {
    let machine = Machine { cpu: "C".into(), parallelism: "P".into(), date: "D".into() };
    let thresholds = Thresholds { bind: 1_234_567, top_k: usize::MAX, ..Thresholds::default() };
    let costs = Costs { prefix_share: 0.07, left_early: 410, ..Costs::of(Backend::Avx2) };
    for (name, figures) in FILES.into_iter().zip([of_thresholds(&thresholds), of_costs(&costs), of_tiles(77)]) {
        let present = std::fs::read_to_string(files::root().join(name)).unwrap();
        for &backend in Backend::ALL {
            let written = replaced(&present, backend, &figures, &machine);
            for (name, value) in &figures {
                let value = value.parse().unwrap_or(f64::INFINITY);
                assert_eq!(figure(&written, backend.name(), name), value, "{backend} {name}");
            }
            let others = |text: &str| -> Vec<String> {
                text.lines().filter(|line| !line.contains(&format!("{backend}"))).map(str::to_owned).collect()
            };
            assert_eq!(others(&written), others(&present), "{backend}");
            assert!(written.contains(&format!("\n# {backend}: C; P; D\n")), "{written}");
            assert_eq!(replaced(&written, backend, &figures, &machine), written);
        }
    }
    assert_eq!(
        replaced("# none\n", Backend::Sse2, &vec![("bind", "1".into())], &machine),
        "# none\n# sse2: C; P; D\nsse2 bind 1\n"
    );
}
