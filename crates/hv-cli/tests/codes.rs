//! `hv search`, and `import` and `export` of codes, against the plain reference.

mod common;

use common::{Place, stdout};
use hv_memory::hv_parallel::hv_simd::hv_core::reference;
use hv_memory::{Episode, EpisodicMemory, HV16, Key, NewEpisode};

/// A file of NumPy.
fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    [b"\x93NUMPY\x01\0", &(header.len() as u16).to_le_bytes()[..], header.as_bytes(), data].concat()
}

fn array(descr: &str, columns: usize, data: &[u8]) -> Vec<u8> {
    npy(descr, &format!("({}, {columns})", data.len() / columns), data)
}

/// Codes, many of them equal.
fn codes(n: usize, seed: u64) -> Vec<HV16> {
    let code = |i: usize| {
        let mut code = HV16::random(seed + (i as u64 * 7) % 29);
        code.set_bit(i % 5, true);
        code
    };
    (0..n).map(code).collect()
}

fn bytes(codes: &[HV16]) -> Vec<u8> {
    codes.iter().flat_map(|code| code.0).collect()
}

/// What `hv search` prints, by the reference, with `k` matches of at least `least`.
fn expected(queries: &[HV16], memory: &[HV16], k: usize, bits: f64, least: f64) -> String {
    let mut lines = "#query\tindex\trank\tdistance\tsimilarity\n".to_owned();
    for (q, query) in queries.iter().enumerate() {
        let mut ranked: Vec<(u32, usize)> =
            memory.iter().enumerate().map(|(i, code)| (reference::hamming(query, code), i)).collect();
        ranked.sort_unstable();
        ranked.retain(|&(distance, _)| 1.0 - f64::from(distance) / bits >= least);
        for (rank, (distance, index)) in ranked.into_iter().take(k).enumerate() {
            lines += &format!("{q}\t{index}\t{rank}\t{distance}\t{}\n", 1.0 - f64::from(distance) / bits);
        }
    }
    lines
}

fn with_codes() -> (Place, Vec<HV16>, Vec<HV16>) {
    let (place, memory, queries) = (Place::new(), codes(300, 1), codes(20, 20));
    place.write("m.npy", array("|u1", 256, &bytes(&memory)));
    place.write("q.npy", array("|u1", 256, &bytes(&queries)));
    (place, memory, queries)
}

#[test]
fn the_nearest_codes_with_ties() {
    let (place, memory, queries) = with_codes();
    let search = |more: &[&str]| place.succeed(&[&["search", "m.npy", "q.npy"], more].concat());
    assert_eq!(search(&[]), expected(&queries, &memory, 10, 2048.0, 0.0));
    assert_eq!(search(&["-k", "1000"]), expected(&queries, &memory, 300, 2048.0, 0.0));
    assert_eq!(search(&["-k", "0"]), expected(&queries, &memory, 0, 2048.0, 0.0));
    assert_eq!(search(&["--min-similarity", "0.75"]), expected(&queries, &memory, 10, 2048.0, 0.75));
    place.write("none.npy", array("|u1", 256, &[]));
    assert_eq!(place.succeed(&["search", "none.npy", "q.npy"]), expected(&[], &[], 1, 1.0, 0.0));
    assert_eq!(place.succeed(&["search", "m.npy", "none.npy"]), expected(&[], &[], 1, 1.0, 0.0));
}

#[test]
fn every_form_of_the_same_codes() {
    let (place, memory, queries) = with_codes();
    let plain = expected(&queries, &memory, 10, 2048.0, 0.0);
    let data = bytes(&memory);
    let signed: Vec<u8> = data.iter().map(|byte| byte ^ 0x80).collect();
    let bools: Vec<u8> = memory.iter().flat_map(|code| (0..2048).map(|i| u8::from(code.bit(i)))).collect();
    let reversed: Vec<u8> = data.iter().map(|byte| byte.reverse_bits()).collect();
    place.write("signed.npy", array("|i1", 256, &signed));
    place.write("bools.npy", array("|b1", 2048, &bools));
    place.write("m.bin", &data);
    for file in ["signed.npy", "bools.npy", "m.bin"] {
        assert_eq!(place.succeed(&["search", file, "q.npy"]), plain, "{file}");
    }
    place.write("big.npy", array("|u1", 256, &reversed));
    place.write(
        "bools-q.npy",
        array("|b1", 2048, &queries.iter().flat_map(|q| (0..2048).map(|i| u8::from(q.bit(i)))).collect::<Vec<_>>()),
    );
    assert_eq!(place.succeed(&["search", "big.npy", "bools-q.npy", "--bit-order", "big"]), plain);
    assert_ne!(place.succeed(&["search", "big.npy", "bools-q.npy"]), plain);
}

/// Several blocks of a file, of rows of eight bytes.
#[test]
fn rows_of_fewer_bytes_in_many_blocks() {
    let place = Place::new();
    let short = |i: usize| {
        let mut code = HV16::ZERO;
        code.0[..8].copy_from_slice(&HV16::random(i as u64 % 977).0[..8]);
        code.0[7] = (i / 977) as u8;
        code
    };
    let memory: Vec<HV16> = (0..140_000).map(short).collect();
    let queries: Vec<HV16> = [3, 70_000, 139_999].map(short).to_vec();
    let rows = |codes: &[HV16]| codes.iter().flat_map(|code| code.0[..8].to_vec()).collect::<Vec<u8>>();
    place.write("m.bin", rows(&memory));
    place.write("m.npy", array("|u1", 8, &rows(&memory)));
    place.write("q.npy", array("|u1", 8, &rows(&queries)));
    let near = expected(&queries, &memory, 7, 64.0, 0.0);
    assert_eq!(place.succeed(&["search", "m.npy", "q.npy", "-k", "7"]), near);
    assert_eq!(place.succeed(&["search", "m.bin", "q.npy", "-k", "7", "--bits", "64"]), near);
    let of_60_bits = place.succeed(&["search", "m.npy", "q.npy", "-k", "7", "--bits", "60"]);
    assert_eq!(of_60_bits, expected(&queries, &memory, 7, 60.0, 0.0));
    place.fail(&["search", "m.npy", "q.npy", "--bits", "56"], 1, &["have 8 bytes, more than --bits 56", "--bits 64"]);
    let tanimoto = place.succeed(&["search", "m.npy", "q.npy", "-k", "3", "--metric", "tanimoto"]);
    let mut lines = tanimoto.lines().skip(1);
    for (q, query) in queries.iter().enumerate() {
        for (rank, (index, score)) in reference::find_top_k_tanimoto(query, &memory, 3).into_iter().enumerate() {
            let distance = reference::hamming(query, &memory[index]);
            assert_eq!(lines.next(), Some(&*format!("{q}\t{index}\t{rank}\t{distance}\t{score}")));
        }
    }
    assert_eq!(lines.next(), None);
}

#[test]
fn tanimoto_from_a_similarity_on() {
    let (place, memory, queries) = with_codes();
    let found =
        place.succeed(&["search", "m.npy", "q.npy", "--metric", "tanimoto", "--min-similarity", "0.9", "-k", "99"]);
    let mut lines = "#query\tindex\trank\tdistance\tsimilarity\n".to_owned();
    for (q, query) in queries.iter().enumerate() {
        let all = reference::find_top_k_tanimoto(query, &memory, 99);
        for (rank, (index, score)) in all.into_iter().filter(|&(_, score)| score >= 0.9).enumerate() {
            lines += &format!("{q}\t{index}\t{rank}\t{}\t{score}\n", reference::hamming(query, &memory[index]));
        }
    }
    assert_eq!(found, lines);
    assert!(lines.lines().count() > 20);
}

#[test]
fn fingerprints_with_names() {
    let place = Place::new();
    place.write("m.fps", "#FPS1\n#num_bits=16\nff00\tall of one\n0100\tone\tmore\n0000\tnone\n");
    place.write("q.fps", "#FPS1\n#num_bits=16\n0f00\thalf\n");
    let search = |more: &[&str]| place.succeed(&[&["search", "m.fps", "q.fps", "-k", "2"], more].concat());
    let header = "#query\tindex\trank\tdistance\tsimilarity\tquery_name\tname\n";
    assert_eq!(search(&[]), format!("{header}0\t1\t0\t3\t0.8125\thalf\tone\n0\t0\t1\t4\t0.75\thalf\tall of one\n"));
    let tanimoto = search(&["--metric", "tanimoto"]);
    assert_eq!(tanimoto, format!("{header}0\t0\t0\t4\t0.5\thalf\tall of one\n0\t1\t1\t3\t0.25\thalf\tone\n"));
    let json = search(&["--json"]);
    assert!(
        json.starts_with(
            r#"{"query":0,"query_name":"half","matches":[{"index":1,"distance":3,"similarity":0.8125,"name":"one"}"#
        ),
        "{json}"
    );
    place.write("q.npy", array("|u1", 2, &[0x0f, 0]));
    // A row has 8 bits a byte, whatever the header says, unless --bits says otherwise.
    for bits in [9, 16] {
        place.write("m.fps", format!("#FPS1\n#num_bits={bits}\nff00\tall of one\n0100\tone\n"));
        let found = place.succeed(&["search", "m.fps", "q.npy", "-k", "1"]);
        assert_eq!(found, format!("{header}0\t1\t0\t3\t0.8125\t\tone\n"));
        let found = place.succeed(&["search", "m.fps", "q.npy", "-k", "1", "--bits", "12"]);
        assert_eq!(found, format!("{header}0\t1\t0\t3\t0.75\t\tone\n"));
    }
}

#[test]
fn json_is_a_line_a_query() {
    let place = Place::new();
    let (zero, mut near) = (HV16::ZERO, HV16::ZERO);
    (0..3).for_each(|bit| near.set_bit(bit, true));
    place.write("m.npy", array("|u1", 256, &bytes(&[HV16::ONES, near])));
    place.write("q.npy", array("|u1", 256, &bytes(&[zero, HV16::ONES])));
    let json = place.succeed(&["search", "m.npy", "q.npy", "--json", "-k", "1", "--min-similarity", "0.9"]);
    let lines: Vec<serde_json::Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        lines[0],
        serde_json::json!({"query": 0, "matches": [{"index": 1, "distance": 3, "similarity": 0.99853515625}]})
    );
    assert_eq!(lines[1], serde_json::json!({"query": 1, "matches": [{"index": 0, "distance": 0, "similarity": 1.0}]}));
    assert_eq!(lines.len(), 2);
}

#[test]
fn arrays_have_k_columns() {
    let (place, memory, queries) = with_codes();
    place.write("few.npy", array("|u1", 256, &bytes(&memory[..2])));
    place.fail(&["search", "few.npy", "q.npy", "-k", "18446744073709551615", "--out", "found"], 1, &["a smaller -k"]);
    assert!(!place.path("found.indices.npy").exists(), "what is refused leaves no file");
    let said = place.succeed(&["search", "few.npy", "q.npy", "-k", "3", "--out", "found"]);
    assert_eq!(said, "wrote found.indices.npy and found.distances.npy: 20 rows of 3\n");
    let data = |name: &str, descr: &str| {
        let file = std::fs::read(place.path(name)).unwrap();
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (20, 3), }}");
        assert!(file.starts_with(b"\x93NUMPY\x01\0") && file[10..].starts_with(header.as_bytes()), "{name}");
        assert_eq!(file[127], b'\n');
        file[128..].to_vec()
    };
    let (indices, distances) = (data("found.indices.npy", "<i8"), data("found.distances.npy", "<u2"));
    let mut expected = (Vec::new(), Vec::new());
    for query in &queries {
        let mut ranked = [0, 1].map(|i| (reference::hamming(query, &memory[i]) as u16, i as i64)).to_vec();
        ranked.sort_unstable();
        ranked.push((65_535, -1));
        for (distance, index) in ranked {
            expected.0.extend(index.to_le_bytes());
            expected.1.extend(distance.to_le_bytes());
        }
    }
    assert_eq!((indices, distances), expected);
    place.fail(&["search", "m.npy", "q.npy", "--out", "no/found"], 1, &["cannot write no/found.indices.npy"]);
    place.fail(&["search", "m.npy", "q.npy", "--out", "x", "--json"], 2, &["--json"]);
}

#[test]
fn what_is_no_file_of_codes_is_named() {
    let (place, ..) = with_codes();
    let wrong = |name: &str, content: &[u8], texts: &[&str]| {
        place.write(name, content);
        for args in [["search", name, "q.npy"], ["search", "m.npy", name]] {
            place.fail(&args, 1, &[&[&*format!("cannot read {name}: ")], texts].concat());
        }
    };
    wrong("float.npy", &npy("<f4", "(1, 256)", &[0; 1024]), &["dtype is \"<f4\"", "uint8"]);
    wrong("flat.npy", &npy("|u1", "(256,)", &[0; 256]), &["shape is (256,)", "two dimensions"]);
    wrong("wide.npy", &npy("|u1", "(1, 257)", &[0; 257]), &["shape is (1, 257)", "1 to 256 columns"]);
    wrong("wide-bool.npy", &npy("|b1", "(1, 2049)", &[0; 2049]), &["1 to 2048 columns"]);
    wrong("none.npy", &npy("|u1", "(1, 0)", &[]), &["shape is (1, 0)"]);
    wrong("huge.npy", &npy("|u1", "(18446744073709551615, 256)", &[]), &["more than any file"]);
    let fortran = String::from_utf8_lossy(&array("|u1", 256, &[0; 256])[10..]).replace("False", "True");
    let fortran = [b"\x93NUMPY\x01\0", &(fortran.len() as u16 - 256).to_le_bytes()[..], fortran.as_bytes()].concat();
    wrong("fortran.npy", &fortran, &["Fortran order", "ascontiguousarray"]);
    wrong("short.npy", &npy("|u1", "(2, 256)", &[0; 511]), &["truncated", "(2, 256)"]);
    wrong("text.npy", b"a line of text", &["magic \"a line\""]);
    wrong("empty.npy", b"", &["magic"]);
    wrong("short.bin", &[0; 300], &["truncated", "44 bytes of a row of 256"]);
    wrong("other.fps", b"#FPS9\n", &["magic \"#FPS9\""]);
    wrong("wide.fps", "00".repeat(257).as_bytes(), &["514 characters"]);
    if cfg!(feature = "parquet") {
        wrong("a.parquet", b"PAR1", &[]);
    } else {
        wrong("a.parquet", b"PAR1", &["built without Parquet", "--features parquet"]);
    }
    wrong("a.txt", b"x", &[".npy, .bin, .fps and .parquet"]);
    place.fail(&["search", "missing.npy", "q.npy"], 1, &["cannot read missing.npy"]);
    place.write("half.npy", array("|u1", 128, &[0; 128]));
    place.fail(&["search", "m.npy", "half.npy"], 1, &["half.npy have 1024 bits", "have 2048", "--bits 2048"]);
    for args in [["--bits", "0"], ["--bits", "2049"], ["-k", "-1"], ["--min-similarity", "nan"], ["--metric", "dot"]] {
        place.fail(&[&["search", "m.npy", "q.npy"], &args[..]].concat(), 2, &[args[0]]);
    }
}

#[test]
fn stores_of_codes_come_and_go() {
    let (place, memory, _) = with_codes();
    assert_eq!(place.succeed(&["import", "made/s.hv", "m.npy"]), "imported 300 episodes into made/s.hv\n");
    let store = EpisodicMemory::open_read_only(place.path("made/s.hv")).unwrap();
    assert!(store.snapshot().episodes().map(|episode| episode.unwrap().content).eq(memory.iter().copied()));
    drop(store);
    assert_eq!(place.succeed(&["export", "made/s.hv", "out.npy"]), "exported 300 episodes to out.npy\n");
    place.succeed(&["export", "made/s.hv", "out.bin"]);
    assert!(std::fs::read(place.path("out.bin")).unwrap() == bytes(&memory));
    let search = ["search", "out.npy", "q.npy"];
    assert_eq!(place.succeed(&search), place.succeed(&["search", "m.npy", "q.npy"]));
    place.succeed(&["import", "again.hv", "out.bin"]);
    place.succeed(&["verify", "again.hv"]);

    place.fail(&["import", "again.hv", "m.npy"], 1, &["again.hv is there already"]);
    place.fail(&["export", "again.hv", "out.bin"], 1, &["cannot write out.bin"]);
    place.write("short.npy", npy("|u1", "(2, 256)", &[0; 511]));
    place.fail(&["import", "other.hv", "short.npy"], 1, &["truncated"]);
    assert!(!place.path("other.hv").exists());
    let left = std::fs::read_dir(place.path("."))
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with(".hv-import"));
    assert_eq!(left.count(), 0);
    let info = stdout(&place.run(&["info", "again.hv"]));
    assert!(info.contains("300"), "{info}");
}

#[test]
fn a_store_comes_and_goes_as_a_table() {
    let (place, memory, _) = with_codes();
    place.succeed(&["import", "s.hv", "m.npy"]);
    if !cfg!(feature = "parquet") {
        place.fail(&["export", "s.hv", "out.parquet"], 1, &["built without Parquet", "--features parquet"]);
        assert!(!place.path("out.parquet").exists());
        place.write("in.parquet", b"PAR1");
        place.fail(&["import", "new.hv", "in.parquet"], 1, &["built without Parquet"]);
        return;
    }
    let last =
        NewEpisode { key: Some(Key::from("last")), valence: 0.5, payload: b"a text".to_vec(), ..NewEpisode::default() };
    EpisodicMemory::open(place.path("s.hv")).unwrap().store(last).unwrap();
    assert_eq!(place.succeed(&["export", "s.hv", "out.parquet"]), "exported 301 episodes to out.parquet\n");
    place.fail(&["export", "s.hv", "out.parquet"], 1, &["cannot write out.parquet"]);
    assert_eq!(place.succeed(&["import", "new.hv", "out.parquet"]), "imported 301 episodes into new.hv\n");
    let read = |name| {
        let memory = EpisodicMemory::open_read_only(place.path(name)).unwrap();
        let fields = |episode: Episode| (episode.content, episode.time, episode.valence, episode.key, episode.payload);
        memory.snapshot().episodes().map(|episode| fields(episode.unwrap())).collect::<Vec<_>>()
    };
    assert!(read("s.hv") == read("new.hv"));
    assert_eq!(read("new.hv")[300].3, Some(Key::from("last")));
    // A table is a file of codes, too.
    place.succeed(&["search", "out.parquet", "q.npy"]);
    assert_eq!(read("new.hv")[7].0, memory[7]);
}

#[test]
fn pairs_clusters_and_picks_of_fingerprints() {
    let place = Place::new();
    place.write("m.fps", "#FPS1\n#num_bits=16\n0f00\ta\n0001\tb\n1f00\tc\n0f01\td\n");
    let said = place.succeed(&["fingerprints", "pairs", "m.fps", "--min-similarity", "0.7", "--out", "p.npz"]);
    assert_eq!(said, "wrote 2 pairs of 4 fingerprints to p.npz\n");
    let archive = std::fs::read(place.path("p.npz")).unwrap();
    let data = |name: &str| {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&archive)).unwrap();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut archive.by_name(name).unwrap(), &mut bytes).unwrap();
        bytes
    };
    let numbers =
        |name: &str| data(name)[128..].chunks(8).map(|x| i64::from_le_bytes(x.try_into().unwrap())).collect::<Vec<_>>();
    assert_eq!(
        (numbers("indptr.npy"), numbers("indices.npy"), numbers("shape.npy")),
        (vec![0, 2, 2, 2, 2], vec![2, 3], vec![4, 4])
    );
    assert_eq!(data("data.npy")[128..], [0.8f64.to_le_bytes(); 2].concat());
    assert!(data("format.npy").ends_with(b"\ncsr"));
    let clusters = place.succeed(&["fingerprints", "clusters", "m.fps", "--min-similarity", "0.7"]);
    assert_eq!(clusters, "#cluster\tindex\tname\n0\t0\ta\n0\t2\tc\n0\t3\td\n1\t1\tb\n");
    assert_eq!(place.succeed(&["fingerprints", "picks", "m.fps", "-n", "2"]), "#rank\tindex\tname\n0\t0\ta\n1\t1\tb\n");
    place.write("m.npy", array("|u1", 1, &[1, 2]));
    assert_eq!(place.succeed(&["fingerprints", "picks", "m.npy", "--first", "1"]), "#rank\tindex\n0\t1\n1\t0\n");
    place.fail(&["fingerprints", "picks", "m.npy", "--first", "2"], 1, &["no fingerprint 2 in m.npy: it has 2"]);
    place.fail(&["fingerprints", "pairs", "m.npy", "--out", "no/p.npz"], 1, &["cannot write no/p.npz"]);
}
