//! Questions in several languages and scripts find their line by vectors and text together.

use hv_encode::hv_parallel::adaptive_batch_find_top_k;
use hv_encode::{Questions, TextEncoder, WordCounts, merge};

const LINES: [&str; 14] = [
    "我能吞下玻璃而不伤身体",
    "他昨天去了北京",
    "東京の夜は静かだ",
    "私はガラスを食べられます",
    "ฉันกินกระจกได้ แต่มันไม่ทำให้ฉันเจ็บ",
    "วันนี้อากาศดีมาก",
    "الْكِتَابُ عَلَى الطَّاوِلَةِ",
    "البيت كبير جدا",
    "Ο Οδυσσεύς γύρισε στην Ιθάκη",
    "Η θάλασσα είναι ήρεμη",
    "İstanbul'da ışıklar yanıyor",
    "Ankara soğuk bir şehir",
    "Die Straße ist naß und die Äpfel sind reif",
    "Das Mädchen schläft schon",
];

/// The line that comes first, and whether it is an answer.
fn first(question: &str) -> (usize, bool) {
    let (encoder, counts) = (TextEncoder::new(3, 0), WordCounts::of(&LINES));
    let vectors: Vec<_> = encoder.encode_batch(&LINES).into_iter().map(Result::unwrap).collect();
    let mut questions = Questions::new(&[question], LINES.len() as u64);
    counts.sorted().into_iter().for_each(|(word, count)| questions.see(word, count));
    let found = adaptive_batch_find_top_k(&questions.cues(0, &encoder).unwrap(), &vectors, 5);
    let candidates = merge(found.iter().map(|list| list.iter().map(|&(line, _)| line)), 5);
    let scorer = questions.scorer(0);
    let mut ranked: Vec<_> = candidates.into_iter().map(|line| (line, scorer.score(LINES[line]))).collect();
    ranked.sort_by(|a, b| b.1.value.total_cmp(&a.1.value));
    (ranked[0].0, ranked[0].1.is_close())
}

#[test]
fn each_language_finds_its_line() {
    for (question, line) in [
        ("玻璃", 0),
        ("北京", 1),
        ("東京", 2),
        ("ガラス", 3),
        ("ｶﾞﾗｽ", 3),
        ("カ\u{3099}ラス", 3),
        ("กระจก", 4),
        ("อากาศ", 5),
        ("الكتاب", 6),
        ("كَبِير", 7),
        ("ΟΔΥΣΣΕΥΣ", 8),
        ("θαλασσα", 9),
        ("ISTANBUL", 10),
        ("isiklar", 10),
        ("SOĞUK", 11),
        ("strasse", 12),
        ("apfel", 12),
        ("Ma\u{308}dchen", 13),
    ] {
        assert_eq!(first(question), (line, true), "{question}");
    }
}

#[test]
fn nothing_close_in_any_language() {
    for question in ["苹果", "المطر", "ποτάμι", "gökyüzü", "Regenschirm", "umbrella"] {
        assert!(!first(question).1, "{question}");
    }
}
