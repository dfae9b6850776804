//! Streams of random bits as events, by the rule of `XORData` in raminmh/CfC.

/// Number of bits that a stream has less than.
const PAD: usize = 32;

/// A stream of bits. The steps by which the reference pads it are not there.
#[derive(Clone)]
pub struct Stream {
    /// The bit of each event, 0 or 1.
    pub bits: Vec<f32>,
    /// The number of bits since the event before, in 32nds.
    pub elapsed: Vec<f32>,
    /// The XOR of all bits.
    pub label: f32,
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((u128::from(z ^ (z >> 31)) * n as u128) >> 64) as usize
    }
}

pub fn streams(count: usize, seed: u64) -> Vec<Stream> {
    let mut random = Random(seed);
    (0..count).map(|_| stream(&mut random)).collect()
}

/// 2 to 31 bits, each an event if it differs from the bit before; the last bit is one, too, unless it just was.
fn stream(random: &mut Random) -> Stream {
    let (mut bits, mut elapsed) = (Vec::new(), Vec::new());
    let (mut ones, mut since, mut before) = (0, 0, None);
    let mut event = |bit: usize, since: usize| {
        bits.push(bit as f32);
        elapsed.push(since as f32 / PAD as f32);
    };
    for _ in 0..2 + random.below(PAD - 2) {
        since += 1;
        let bit = random.below(2);
        ones += bit;
        if before != Some(bit) {
            event(bit, since);
            since = 0;
        }
        before = Some(bit);
    }
    if since > 0 {
        event(before.unwrap_or_default(), since);
    }
    Stream { bits, elapsed, label: (ones % 2) as f32 }
}

pub fn shuffle(streams: &mut [Stream], seed: u64) {
    let mut random = Random(seed);
    for index in (1..streams.len()).rev() {
        streams.swap(index, random.below(index + 1));
    }
}
